// The same person at a browser that does not know her: mistakes, the second door, and the way out.
import assert from 'node:assert/strict';

import { arrive, enterCode, heading, heard, logIn, refused, send } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

export async function secondBrowser(journey, world) {
  const { browser, wiki, anna } = world;
  const other = await browser.person('anna-elsewhere');
  const page = await other.tab();

  await journey.step('a wrong password and an unknown account are told the same', async () => {
    await page.goto(wiki + DEEP);
    await arrive(page, /^\/\.vestibule\/login/);
    assert.equal((await logIn(page, anna.login, 'not her password')).status(), 422);
    const wrong = await heard(page);
    assert.equal(await page.getByLabel('E-mail address').inputValue(), anna.login, 'what she typed stays');
    assert.equal(await page.locator('#password').inputValue(), '', 'but never a password');
    await other.look(page, 'login-refused');
    assert.equal((await logIn(page, 'nobody@example.com', 'not her password')).status(), 422);
    assert.equal(await heard(page), wrong);
  });

  await journey.step('without mail, a forgotten password is a matter for the operator', async () => {
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await arrive(page, '/.vestibule/forgot');
    await other.look(page, 'forgot-ask');
    await page.goto(wiki + DEEP);
  });

  await journey.step('the right password leads to page two', async () => {
    await logIn(page, anna.login, anna.password);
    await arrive(page, '/.vestibule/verify');
    assert.equal(await page.getByRole('button', { name: 'Submit OTP code', exact: true }).count(), 1);
    await other.look(page, 'verify');
  });

  await journey.step('what is no code is not counted', async () => {
    await page.locator('#code').fill('12 34');
    await refused(page, 'Submit OTP code', /six-digit/i);
  });

  await journey.step('a wrong code stays on page two, with the tries that are left', async () => {
    await page.locator('#code').fill(anna.app.wrong());
    await refused(page, 'Submit OTP code', /not right.*4 tries left/i);
    assert.equal(new URL(page.url()).pathname, '/.vestibule/verify');
    await other.look(page, 'verify-refused');
  });

  await journey.step('the right one, pasted with a space, passes to where she wanted to go', async () => {
    const code = anna.app.fresh();
    await enterCode(page, `${code.slice(0, 3)} ${code.slice(3)}`, 'Submit OTP code');
    await arrive(page, DEEP);
    assert.match(await page.locator('#dokuwiki__content').innerText(), /House rules/);
  });

  await journey.step('/.vestibule/ leads to the account page', async () => {
    await page.goto(`${wiki}/.vestibule/`);
    await arrive(page, '/.vestibule/account');
    assert.match(await page.locator('main').innerText(), new RegExp(anna.login));
    await other.look(page, 'account');
  });

  await journey.step('the address of Sign out asks first', async () => {
    await page.goto(`${wiki}/.vestibule/logout`);
    assert.match(await heading(page), /sign out/i);
    await other.look(page, 'logout');
    await page.goto(wiki + DEEP);
    assert.match(await page.locator('#dokuwiki__content').innerText(), /House rules/, 'she is still signed in');
    await page.goto(`${wiki}/.vestibule/account`);
  });

  await journey.step('Sign out ends it', async () => {
    await send(page, 'Sign out');
    await arrive(page, /^\/\.vestibule\/login/);
    await other.look(page, 'login-signed-out');
  });

  await journey.step('the back button shows nothing protected', async () => {
    for (let steps = 0; steps < 4; steps += 1) {
      await page.goBack({ waitUntil: 'load' }).catch(() => undefined);
      const body = await page.locator('body').innerText();
      assert.doesNotMatch(body, /House rules|Write it down|Groups/, `at ${page.url()}`);
    }
  });

  await journey.step('her first browser goes on', async () => {
    await anna.page.goto(wiki + DEEP);
    await arrive(anna.page, DEEP);
    assert.deepEqual(other.complaints.splice(0), []);
    await other.leave();
  });

}
