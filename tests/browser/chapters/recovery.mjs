// Anna has lost her phone: a recovery code leads into a fresh enrolment, and what was before is dead.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { readQr } from '../lib/browser.mjs';
import { App } from '../lib/clock.mjs';
import { until } from '../lib/journey.mjs';
import { arrive, enterCode, fetched, logIn, press, readOtpauth, readRecoveryCodes, refused, send } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

export async function recovery(journey, world) {
  const { browser, clock, wiki, anna } = world;
  const old = { app: anna.app, codes: anna.recoveryCodes };
  const other = await browser.person('anna-new-phone');
  const page = await other.tab();

  await journey.step('password, then Start recovery', async () => {
    await page.goto(wiki + DEEP);
    await logIn(page, anna.login, anna.password);
    await arrive(page, '/.vestibule/verify');
    await press(page, 'Start recovery');
    await arrive(page, '/.vestibule/recover');
    await other.look(page, 'recover');
  });

  await journey.step('a recovery code that is none of hers is refused', async () => {
    await page.locator('#code').fill('0000-1111-2222-3333');
    await refused(page, 'Start recovery', /not right/i);
    await other.look(page, 'recover-refused');
  });

  await journey.step('one of the ten leads straight into a fresh enrolment', async () => {
    await page.locator('#code').fill(old.codes[3].toLowerCase());
    await send(page, 'Start recovery');
    await arrive(page, '/.vestibule/setup');
    await other.look(page, 'setup-after-recovery');
  });

  await journey.step('at that moment her sessions elsewhere are over', async () => {
    await until('the other browser is signed out', async () => (await fetched(anna.page, DEEP))['vestibule-required'] === 'login', { limit: 2000 });
  });

  await journey.step('the new phone is bound, with new recovery codes', async () => {
    if (await page.locator('img.qr').count() === 0) await send(page, 'Setup MFA and access your account');
    const [picture] = await other.look(page, 'setup-again');
    anna.app = new App(clock, readOtpauth(readQr(picture), anna.login));
    anna.app.lastStep = old.app.lastStep;
    assert.notEqual(anna.app.secret, old.app.secret);
    await enterCode(page, anna.app.fresh(), 'Enable multi-factor authentication');
    await arrive(page, '/.vestibule/setup/codes');
    const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Download recovery codes')]);
    anna.recoveryCodes = readRecoveryCodes(readFileSync(await download.path(), 'utf8'));
    assert(!anna.recoveryCodes.some((code) => old.codes.includes(code)));
    await send(page, 'Next');
    await arrive(page, '/.vestibule/verify');
    await enterCode(page, anna.app.fresh(), 'Verify');
    await arrive(page, DEEP);
  });

  await journey.step('the old authenticator is dead, the new one opens', async () => {
    const { page: first } = anna;
    await first.goto(wiki + DEEP);
    await logIn(first, anna.login, anna.password);
    await arrive(first, '/.vestibule/verify');
    old.app.lastStep = anna.app.lastStep;
    await first.locator('#code').fill(old.app.fresh());
    await refused(first, 'Submit OTP code', /not right/i);
    await enterCode(first, anna.app.fresh(), 'Submit OTP code');
    await arrive(first, DEEP);
  });

  await journey.step('the old recovery codes are dead, too', async () => {
    await page.goto(`${wiki}/.vestibule/account`);
    await send(page, 'Sign out');
    await page.goto(wiki + DEEP);
    await logIn(page, anna.login, anna.password);
    await arrive(page, '/.vestibule/verify');
    await press(page, 'Start recovery');
    await page.locator('#code').fill(old.codes[4]);
    await refused(page, 'Start recovery', /not right/i);
    await other.leave();
  });
}
