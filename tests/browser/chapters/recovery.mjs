// Anna has lost her phone: a recovery code leads into a fresh enrolment, and what was before is dead.
import assert from 'node:assert/strict';

import { bindApp, downloadCodes, lastCode } from '../lib/enrol.mjs';
import { AT_ONCE, until } from '../lib/journey.mjs';
import { arrive, enterCode, fetched, logIn, press, refused, send } from '../lib/pages.mjs';
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
    await until('the other browser is signed out', async () => (await fetched(anna.page, DEEP))['vestibule-required'] === 'login', { limit: AT_ONCE });
  });

  await journey.step('the new phone is bound, with new recovery codes', async () => {
    anna.app = await bindApp(page, { browser: other, login: anna.login, clock, name: 'setup-again', after: old.app.lastStep });
    assert.notEqual(anna.app.secret, old.app.secret);
    anna.recoveryCodes = (await downloadCodes(page)).codes;
    assert(!anna.recoveryCodes.some((code) => old.codes.includes(code)));
    await lastCode(page, anna.app, DEEP);
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
    await arrive(page, '/.vestibule/recover');
    await page.locator('#code').fill(old.codes[4]);
    await refused(page, 'Start recovery', /not right/i);
    await other.leave();
  });
}
