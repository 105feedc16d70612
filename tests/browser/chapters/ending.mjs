// What is left: the pages that say no, what the operator can read, what nobody may find, and a clean end.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { until } from '../lib/journey.mjs';
import { heading } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

export async function refusals(journey, world) {
  const { browser, wiki, anna, children } = world;

  await journey.step('a page that does not exist', async () => {
    assert.equal((await anna.page.goto(`${wiki}/.vestibule/nowhere`)).status(), 404);
    await anna.browser.look(anna.page, 'not-found');
  });

  await journey.step('an address that cannot be read, and one that takes forms alone', async () => {
    const { page, browser: person } = anna;
    for (const [path, status, name] of [['/%zz', 400, 'bad-request'], ['/.vestibule/language', 405, 'no-such-way']]) {
      assert.equal((await page.goto(wiki + path)).status(), status, path);
      await person.look(page, name);
    }
  });

  await journey.step('an invitation whose time is over', async () => {
    const stranger = await browser.person('stranger');
    const page = await stranger.tab();
    await page.goto(anna.link);
    assert.match(await heading(page), /new link/i);
    await stranger.look(page, 'new-link');
    await stranger.leave();
  });

  await journey.step('plain http leads to https', async () => {
    const stranger = await browser.person('plain');
    const page = await stranger.tab();
    await page.goto(`http://localhost:${world.ports.http}${DEEP}`);
    assert(page.url().startsWith(`${wiki}/.vestibule/login`), page.url());
    await stranger.leave();
  });

  await journey.step('a portal that is away: a page with the request’s number, and /readyz says so', async () => {
    await children.endGroup(world.wikiServer);
    const answer = await anna.page.goto(wiki + DEEP);
    assert.equal(answer.status(), 502);
    const id = answer.headers()['x-request-id'];
    assert((await anna.page.locator('main').innerText()).includes(id), 'the number stands on the page');
    await anna.browser.look(anna.page, 'portal-away');
    await until('/readyz names it', async () => (await world.gate.ops('/readyz')).status !== 200, { limit: 15_000 });
  });
}

export async function ending(journey, world) {
  const { gate, anna, ben } = world;

  await journey.step('the metrics count what happened', async () => {
    const { status, text } = await gate.ops('/metrics');
    assert.equal(status, 200);
    for (const name of ['vestibule_requests_total', 'vestibule_check_seconds_bucket', 'vestibule_sessions', 'vestibule_logins_total']) {
      assert.match(text, new RegExp(`^${name}\\b`, 'm'));
    }
  });

  await journey.step('SIGTERM ends it with exit 0', async () => {
    assert.equal(await gate.stop('SIGTERM'), 0);
  });

  await journey.step('the trail is whole to the end', async () => {
    await gate.cli('audit', 'verify');
    const records = await gate.json('audit');
    assert(records.some(({ action, login }) => action === 'recovery.accept' && login === anna.login));
  });

  await journey.step('neither log nor database holds what is secret', async () => {
    const trail = JSON.stringify(await gate.json('audit'));
    const secrets = {
      password: [anna.password, ben.password],
      'authenticator secret': [anna.app?.secret, ben.app?.secret],
      'recovery code': [...anna.recoveryCodes ?? [], ...ben.recoveryCodes ?? []].flatMap((code) => [code, code.replaceAll('-', '')]),
      link: [anna.link].map((link) => link?.split('/').pop()),
      cookie: (await anna.browser.context.cookies()).filter(({ name }) => name.startsWith('__Host-vestibule')).map(({ value }) => value),
    };
    const places = { 'the log': readFileSync(gate.log, 'latin1'), 'the trail': trail };
    for (const file of ['vestibule.db', 'vestibule.db-wal']) {
      try {
        places[file] = readFileSync(join(gate.dir, file), 'latin1');
      } catch { /* no write-ahead log is left after a clean end */ }
    }
    for (const [kind, values] of Object.entries(secrets)) {
      assert(values.filter(Boolean).length > 0, `there is a ${kind} to look for`);
      for (const value of values.filter(Boolean)) {
        for (const [place, text] of Object.entries(places)) assert(!text.includes(value), `${place} holds a ${kind}`);
      }
    }
  });
}
