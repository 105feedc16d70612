// Ben's browser runs no scripts: the whole way from the invitation to the portal works without them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { readQr } from '../lib/browser.mjs';
import { App } from '../lib/clock.mjs';
import { arrive, enterCode, heading, logIn, press, readOtpauth, readRecoveryCodes, refused, send } from '../lib/pages.mjs';
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
    await arrive(page, '/.vestibule/setup');
    await send(page, 'Setup MFA and access your account');
    const [picture] = await ben.browser.look(page, 'noscript-setup');
    ben.app = new App(clock, readOtpauth(readQr(picture), ben.login));
    await enterCode(page, ben.app.fresh(), 'Enable multi-factor authentication');
    await arrive(page, '/.vestibule/setup/codes');
  });

  await journey.step('he saves his recovery codes: shown on the page, then downloaded', async () => {
    await send(page, 'Show them on this page');
    const shown = readRecoveryCodes(await page.locator('main').innerText());
    await ben.browser.look(page, 'noscript-codes-shown');
    const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Download recovery codes')]);
    ben.recoveryCodes = readRecoveryCodes(readFileSync(await download.path(), 'utf8'));
    assert.equal(new Set([...shown, ...ben.recoveryCodes]).size >= 10, true);
    await page.getByLabel('I have saved them').check();
    await send(page, 'Next');
    await arrive(page, '/.vestibule/verify');
  });

  await journey.step('he stands in the wiki', async () => {
    await enterCode(page, ben.app.fresh(), 'Verify');
    await arrive(page, DEEP);
    assert.match(await page.locator('#dokuwiki__content').innerText(), /House rules/);
    assert.deepEqual(ben.browser.complaints.splice(0), []);
  });
}
