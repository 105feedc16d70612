// kill -9, and nothing is lost: neither her session, nor the memory of a used code, nor the trail.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { arrive, enterCode, fetched, refused } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

export async function crash(journey, world) {
  const { gate, ports, wiki, anna } = world;
  const { page } = anna;
  let before;

  await journey.step('a code entered early starts a new window', async () => {
    await page.goto(`${wiki}/.vestibule/verify`);
    await anna.browser.look(page, 'confirm-early');
    anna.usedCode = anna.app.fresh();
    const answer = await enterCode(page, anna.usedCode, 'Verify');
    assert.equal(answer.status(), 303);
    await page.goto(wiki + DEEP);
    await arrive(page, DEEP);
    before = await gate.json('audit');
  });

  await journey.step('kill -9, and a new start', async () => {
    assert.equal(await gate.stop('SIGKILL'), 'SIGKILL');
    const took = await gate.start(ports.ops);
    return `ready after ${took} ms`;
  });

  await journey.step('she is still signed in', async () => {
    assert.equal((await fetched(page, DEEP)).status, 200);
    await page.reload();
    await arrive(page, DEEP);
    assert.match(await page.locator('#dokuwiki__content').innerText(), /House rules/);
  });

  await journey.step('the code used last is refused again', async () => {
    await page.goto(`${wiki}/.vestibule/verify`);
    await page.locator('#code').fill(anna.usedCode);
    await refused(page, 'Verify', /works once/i);
    await page.goto(wiki + DEEP);
    await arrive(page, DEEP);
  });

  await journey.step('the trail is whole, and has what happened', async () => {
    await gate.cli('audit', 'verify');
    const after = await gate.json('audit');
    assert(after.length >= before.length, `${before.length} records before, ${after.length} after`);
    const actions = new Set(after.map(({ action }) => action));
    for (const action of ['user.register', 'mfa.enable', 'session.start', 'session.confirm', 'session.end']) {
      assert(actions.has(action), `${action} is among ${[...actions].sort().join(', ')}`);
    }
    assert(after.some(({ action, login }) => action === 'session.start' && login === anna.login));
    return `${after.length} records`;
  });

  await journey.step('the database is sound', async () => {
    const said = execFileSync('sqlite3', ['-readonly', join(gate.dir, 'vestibule.db'), 'PRAGMA integrity_check'], { encoding: 'utf8', timeout: 10_000 });
    assert.equal(said.trim(), 'ok');
  });
}
