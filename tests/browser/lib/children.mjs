// Programs that the journey starts, and how it ends them: by their own id, whatever happens.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';

import { until } from './journey.mjs';

export class Children {
  #single = new Set();
  #groups = new Set();

  // A process that is ended alone.
  add(child) {
    this.#single.add(child);
    child.once('exit', () => this.#single.delete(child));
    child.once('error', () => this.#single.delete(child));
  }

  // A process in a group of its own, with whatever it starts itself; ready when its port answers.
  async server(command, args, { log, port }) {
    const out = openSync(log, 'a');
    const child = spawn(command, args, { detached: true, stdio: ['ignore', out, out] });
    closeSync(out);
    this.#groups.add(child);
    await until(`${command} answers on port ${port}`, async () => {
      if (child.exitCode !== null) throw new Error(`${command} ended; see ${log}`);
      return fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5000) }).then(() => true, () => false);
    }, { limit: 20_000, every: 100 });
    return child;
  }

  async endGroup(child) {
    const gone = child.exitCode ?? child.signalCode;
    const ended = gone === null ? new Promise((resolve) => { child.once('exit', resolve); }) : undefined;
    killGroup(child);
    await ended;
    this.#groups.delete(child);
  }

  // At once and without waiting, so that it can be called from an exit handler.
  endAll() {
    for (const child of this.#single) child.kill('SIGKILL');
    for (const child of this.#groups) killGroup(child);
  }
}

function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch { /* it is gone already */ }
}

// Ports that nobody uses at this moment, all different.
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => { server.close(resolve); })));
  return ports;
}
