// The account page as its owner uses it: another password, another phone, new recovery codes, and nobody else signed in.
import assert from 'node:assert/strict';

import { readQr } from '../lib/browser.mjs';
import { App } from '../lib/clock.mjs';
import { downloadCodes } from '../lib/enrol.mjs';
import { AT_ONCE, until } from '../lib/journey.mjs';
import { arrive, enterCode, fetched, logIn, press, readOtpauth, readRecoveryCodes, refused, send, signIn } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

export async function account(journey, world) {
  const { browser, clock, wiki, anna } = world;
  const mine = await browser.person('anna-at-home');
  const lent = await browser.person('anna-at-a-friends');
  const [page, there] = [await mine.tab(), await lent.tab()];
  const home = `${wiki}/.vestibule/account`;
  const signedOut = (tab) => fetched(tab, DEEP).then((answer) => answer['vestibule-required'] === 'login');

  await journey.step('the account page says when the last code was entered, and takes one early', async () => {
    await signIn(page, wiki + DEEP, anna);
    await page.goto(`${wiki}/.vestibule/`);
    await arrive(page, '/.vestibule/account');
    await mine.look(page, 'account-page');
    await press(page, 'Enter a code now');
    await arrive(page, /^\/\.vestibule\/verify/);
    assert.match(await page.locator('main').innerText(), /come back to your account/);
    await enterCode(page, anna.app.fresh(), 'Verify');
    await arrive(page, '/.vestibule/account');
    assert.match(await page.locator('main').innerText(), /just now/);
  });

  await journey.step('a new password needs the old one', async () => {
    await signIn(there, wiki + DEEP, anna);
    await page.getByRole('link', { name: 'Password' }).click();
    await arrive(page, '/.vestibule/account/password');
    await mine.look(page, 'account-password');
    await fillPassword(page, 'not her password', 'Otter-Lamp-58-Harbour', anna.app.fresh());
    await refused(page, 'Change password', /password was not right.*4 tries left/i);
    await mine.look(page, 'account-password-refused');
  });

  await journey.step('with it and a code it is changed, and other sessions end at once', async () => {
    await fillPassword(page, anna.password, 'Otter-Lamp-58-Harbour', anna.app.fresh());
    await send(page, 'Change password');
    await arrive(page, '/.vestibule/account?done=password');
    anna.password = 'Otter-Lamp-58-Harbour';
    assert.match(await page.locator('[role=status]').innerText(), /still signed in here/);
    await mine.look(page, 'account-password-done');
    const took = await until('the other browser is signed out', () => signedOut(there), { limit: AT_ONCE });
    return `after ${took} ms`;
  });

  await journey.step('her new phone takes the place of the old one', async () => {
    const old = anna.app;
    await page.getByRole('link', { name: 'Authenticator app' }).click();
    await arrive(page, '/.vestibule/account/mfa');
    await mine.look(page, 'account-mfa');
    await page.locator('#password').fill(anna.password);
    await enterCode(page, old.fresh(), 'Show the new QR code');
    const [picture] = await mine.look(page, 'account-mfa-scan');
    anna.app = new App(clock, readOtpauth(readQr(picture), anna.login));
    anna.app.lastStep = old.lastStep;
    assert.notEqual(anna.app.secret, old.secret);
    await enterCode(page, anna.app.fresh(), 'Replace authenticator app');
    await arrive(page, '/.vestibule/account/codes/save');
    await mine.look(page, 'account-codes-save');
    await refused(page, 'Next', /not saved yet/i);
    const { codes } = await downloadCodes(page);
    assert(!codes.some((code) => anna.recoveryCodes.includes(code)));
    anna.recoveryCodes = codes;
    await send(page, 'Next');
    await arrive(page, '/.vestibule/account?done=codes');
  });

  await journey.step('new recovery codes', async () => {
    await page.getByRole('link', { name: 'Recovery codes' }).click();
    await arrive(page, '/.vestibule/account/codes');
    await mine.look(page, 'account-codes');
    await page.locator('#password').fill(anna.password);
    await enterCode(page, anna.app.fresh(), 'Get new recovery codes');
    const codes = readRecoveryCodes(await page.locator('#codes').innerText());
    await mine.look(page, 'account-codes-made');
    const paper = await mine.print(page, 'recovery-codes');
    assert.deepEqual(readRecoveryCodes(paper), codes, 'on paper, too');
    assert.match(paper, /anna@example\.com/, 'with whose they are');
    assert.doesNotMatch(paper, /Next|Download|Print|help desk|Deutsch/, 'and nothing that is for the screen');
    assert(!codes.some((code) => anna.recoveryCodes.includes(code)));
    anna.recoveryCodes = codes;
    await page.getByLabel('I have saved them').check();
    await send(page, 'Next');
    await arrive(page, '/.vestibule/account?done=codes');
  });

  await journey.step('she sees two sessions and ends the one that is not hers any more', async () => {
    await there.goto(wiki + DEEP);
    await logIn(there, anna.login, anna.password);
    await enterCode(there, anna.app.fresh(), 'Submit OTP code');
    await arrive(there, DEEP);
    await page.getByRole('link', { name: 'Sessions and browsers' }).click();
    await arrive(page, '/.vestibule/account/sessions');
    assert.equal(await page.getByText(/^From /).count(), 2);
    assert.equal(await page.locator('.mark').count(), 2, 'a session and a known browser are this one');
    await mine.look(page, 'account-sessions');
    await page.getByRole('button', { name: /^End the session in Chrome on Linux/ }).click();
    await arrive(page, '/.vestibule/account/sessions?done=ended');
    assert.equal(await page.getByText(/^From /).count(), 1);
    const took = await until('the other browser is signed out', () => signedOut(there), { limit: AT_ONCE });
    return `after ${took} ms`;
  });

  await journey.step('and forgets the browser that it was in', async () => {
    await page.getByRole('button', { name: /^Forget Chrome/ }).last().click();
    await arrive(page, '/.vestibule/account/sessions?done=forgotten');
    assert.equal(await page.getByRole('button', { name: /^Forget/ }).count(), 1);
  });

  await journey.step('Sign out everywhere', async () => {
    await signIn(there, wiki + DEEP, anna);
    await page.goto(`${home}/sessions`);
    await send(page, 'Sign out everywhere');
    await arrive(page, '/.vestibule/login?why=everywhere');
    await mine.look(page, 'login-everywhere');
    await until('the other browser is signed out', () => signedOut(there), { limit: AT_ONCE });
    assert.deepEqual((await mine.context.cookies(wiki)).filter(({ name }) => name.startsWith('__Host-vestibule')), []);
  });

  await journey.step('the old password and the old phone are worth nothing, the new ones are', async () => {
    await signIn(page, wiki + DEEP, anna);
    for (const person of [mine, lent]) {
      assert.deepEqual(person.complaints.splice(0), []);
      await person.leave();
    }
    await signIn(anna.page, wiki + DEEP, anna);
    anna.browser.complaints.length = 0;
  });
}

async function fillPassword(page, password, fresh, code) {
  await page.locator('#password').fill(password);
  await page.locator('#new_password').fill(fresh);
  await page.locator('#new_password_again').fill(fresh);
  await page.locator('#code').fill(code);
}
