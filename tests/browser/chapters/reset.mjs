// Ben has lost phone and recovery codes: only the operator helps, with a new link. A password alone never binds a phone.
import assert from 'node:assert/strict';

import { bindApp, downloadCodes, lastCode } from '../lib/enrol.mjs';
import { AT_ONCE, until } from '../lib/journey.mjs';
import { arrive, heading, logIn, press } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

export async function reset(journey, world) {
  const { gate, browser, clock, wiki, ben } = world;
  const old = ben.app;
  const fresh = await browser.person('ben-new-phone', { javaScriptEnabled: false });
  const page = await fresh.tab();
  let link;

  await journey.step('vestibule user reset-mfa prints one link, and ends his sessions', async () => {
    const { stdout } = await gate.cli('user', 'reset-mfa', ben.login, '--reason', 'phone and recovery codes lost');
    assert.match(stdout, /^https:\S+\/\.vestibule\/enrol\/\S+\n$/);
    link = stdout.trim();
    await until('he is signed out', () => ben.page.goto(wiki + DEEP).then(() => ben.page.url().includes('/.vestibule/login')), { limit: AT_ONCE });
  });

  await journey.step('without the link, his password leads to a page that says whom to ask', async () => {
    await page.goto(wiki + DEEP);
    await logIn(page, ben.login, ben.password);
    assert.match(await heading(page), /new link/i);
    assert.match(await page.locator('body').innerText(), /203-555-0100/);
    await fresh.look(page, 'needs-link');
    await page.goto(`${wiki}/.vestibule/setup`);
    await arrive(page, /^\/\.vestibule\/login/);
  });

  await journey.step('with it he binds his new phone, and is where he wanted to go', async () => {
    await page.goto(link);
    await arrive(page, '/.vestibule/enrol');
    await fresh.look(page, 'enrol');
    await press(page, 'Log in');
    await logIn(page, ben.login, ben.password);
    ben.app = await bindApp(page, { browser: fresh, login: ben.login, clock, name: 'enrol-setup', after: old.lastStep });
    assert.notEqual(ben.app.secret, old.secret);
    ben.recoveryCodes.push(...(await downloadCodes(page)).codes);
    await lastCode(page, ben.app, '/');
    await page.goto(wiki + DEEP);
    await arrive(page, DEEP);
  });

  await journey.step('the link works no second time', async () => {
    await page.goto(link);
    assert.match(await heading(page), /registered already/i);
    await fresh.look(page, 'link-done');
    assert.deepEqual(fresh.complaints.splice(0), []);
    await fresh.leave();
  });
}
