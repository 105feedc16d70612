// The gate as its operator meets it: the binary, its commands, its configuration file, its process.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { appendFileSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { until, within } from './journey.mjs';

export class Gate {
  constructor({ binary, dir, log, clock, children }) {
    this.binary = binary;
    this.dir = dir;
    this.log = log;
    this.children = children;
    this.config = join(dir, 'vestibule.toml');
    this.env = { ...process.env, VESTIBULE_TEST_CLOCK: clock.file, NO_COLOR: '1' };
    delete this.env.VESTIBULE_CONFIG;
  }

  // One command, run to its end.
  async run(args, { exit = 0, limit = 20_000 } = {}) {
    const child = spawn(this.binary, args, { env: this.env, cwd: this.dir, stdio: ['ignore', 'pipe', 'pipe'] });
    this.children.add(child);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part) => { stdout += part; });
    child.stderr.setEncoding('utf8').on('data', (part) => { stderr += part; });
    const code = await within(limit, ended(child, 'close'), `vestibule ${args[0]} did not end`);
    assert.equal(code, exit, `vestibule ${args.join(' ')}: exit ${code} instead of ${exit}\n${stderr || stdout}`);
    return { stdout, stderr };
  }

  // A command on this gate's configuration.
  cli(...args) {
    return this.run([...args, '--config', this.config]);
  }

  async json(...args) {
    const { stdout } = await this.cli(...args, '--format', 'json');
    return JSON.parse(stdout);
  }

  // Until /readyz says 200.
  async start(opsPort) {
    this.opsPort = opsPort;
    appendFileSync(this.log, `--- vestibule serve\n`);
    const out = openSync(this.log, 'a');
    const child = spawn(this.binary, ['serve', '--config', this.config], { env: this.env, cwd: this.dir, stdio: ['ignore', out, out] });
    closeSync(out);
    this.process = child;
    this.children.add(child);
    return until('vestibule serve is ready', async () => {
      assert.equal(child.exitCode ?? child.signalCode, null, `vestibule serve ended:\n${this.tail()}`);
      return (await this.ops('/readyz'))?.status === 200;
    }, { limit: 30_000 });
  }

  // An answer of the ops listener, or nothing if it does not listen.
  async ops(path) {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.opsPort}${path}`, { signal: AbortSignal.timeout(10_000) });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return undefined;
    }
  }

  // Sends the signal to this process alone; resolves to its exit code, or to the signal that ended it.
  async stop(signal) {
    const gone = ended(this.process, 'exit');
    this.process.kill(signal);
    return within(45_000, gone, `vestibule serve did not end on ${signal}`);
  }

  // Sets keys of the file that `init` wrote, the way a person with an editor would.
  configure(changes) {
    let text = readFileSync(this.config, 'utf8');
    for (const [table, key, value] of changes) text = setKey(text, table, key, value);
    writeFileSync(this.config, text);
  }

  // The same under a running gate, until it works by them.
  async reconfigure(changes) {
    const done = async () => Number((await this.ops('/metrics')).text.match(/^vestibule_reloads_total\{result="done"\} (\d+)/m)?.[1] ?? 0);
    const before = await done();
    this.configure(changes);
    await until('the gate has taken the new file', async () => await done() > before);
  }

  append(text) {
    writeFileSync(this.config, `${readFileSync(this.config, 'utf8').trimEnd()}\n\n${text}`);
  }

  // What Chromium's --ignore-certificate-errors-spki-list takes: trust in this one key, and in nothing else.
  certificatePin() {
    const certificate = new X509Certificate(readFileSync(join(this.dir, 'certs/portal.pem')));
    const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
    return createHash('sha256').update(spki).digest('base64');
  }

  tail(lines = 12) {
    try {
      return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-lines).map(brief).join('\n');
    } catch {
      return '(no log)';
    }
  }
}

// An access record in one short line; anything else as it stands.
function brief(line) {
  try {
    const { kind, time, method, path, status, decision, cause, total_ms: millis } = JSON.parse(line);
    return kind === 'access' ? [time, method, path, status, decision, cause, `${millis} ms`].filter(Boolean).join(' ') : line;
  } catch {
    return line;
  }
}

function ended(child, event) {
  if (event === 'exit' && (child.exitCode ?? child.signalCode) !== null) return Promise.resolve(child.exitCode ?? child.signalCode);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once(event, (code, signal) => resolve(code ?? signal));
  });
}

// Replaces the key in the first such table, a commented-out default included, or adds it below the table's header.
function setKey(text, table, key, value) {
  const lines = text.split('\n');
  const header = lines.findIndex((line) => line.replace(/#.*/, '').trim() === table);
  if (header < 0) return `${text.trimEnd()}\n\n${table}\n${key} = ${value}\n`;
  const next = lines.findIndex((line, index) => index > header && line.startsWith('['));
  const end = next < 0 ? lines.length : next;
  const line = `${key} = ${value}`;
  const own = (commented) => lines.findIndex((text, index) => index > header && index < end
    && new RegExp(`^${commented ? '#\\s*' : ''}${key}\\s*=`).test(text));
  const at = own(false) >= 0 ? own(false) : own(true);
  if (at >= 0) lines[at] = line;
  else lines.splice(header + 1, 0, line);
  return lines.join('\n');
}
