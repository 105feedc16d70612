// Ben's browser runs no scripts: the whole way from the invitation to the portal works without them.
import assert from 'node:assert/strict';

import { bindApp, downloadCodes, lastCode } from '../lib/enrol.mjs';
import { heading, logIn, readRecoveryCodes, refused, send } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

export async function withoutScript(journey, world) {
  const { gate, browser, clock, wiki, ben } = world;
  ben.browser = await browser.person('ben', { javaScriptEnabled: false });
  const page = ben.page = await ben.browser.tab();

  await journey.step('he registers', async () => {
    const { stdout } = await gate.cli('user', 'invite', ben.login, '--name', ben.name, '--group', 'staff');
    await page.goto(stdout.trim());
    assert.match(await heading(page), /Ben Example/);
    await page.locator('#new_password').fill(ben.password);
    await page.locator('#new_password_again').fill(`${ben.password}x`);
    await refused(page, 'Finish registration', /not the same/i);
    for (const field of ['#new_password', '#new_password_again']) await page.locator(field).fill(ben.password);
    assert.equal((await send(page, 'Finish registration')).status(), 200);
  });

  await journey.step('he binds his app', async () => {
    await page.goto(wiki + DEEP);
    await logIn(page, ben.login, ben.password);
    ben.app = await bindApp(page, { browser: ben.browser, login: ben.login, clock, name: 'noscript-setup' });
  });

  await journey.step('he saves his recovery codes: shown on the page, then downloaded', async () => {
    await send(page, 'Show them on this page');
    const shown = readRecoveryCodes(await page.locator('main').innerText());
    await ben.browser.look(page, 'noscript-codes-shown');
    ben.recoveryCodes = [...shown, ...(await downloadCodes(page)).codes];
    await page.getByLabel('I have saved them').check();
  });

  await journey.step('he stands in the wiki', async () => {
    await lastCode(page, ben.app, DEEP);
    assert.match(await page.locator('#dokuwiki__content').innerText(), /House rules/);
    assert.deepEqual(ben.browser.complaints.splice(0), []);
  });
}
