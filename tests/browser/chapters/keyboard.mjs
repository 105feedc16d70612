// Nothing but the keyboard: Tab and Enter lead through both doors, and it can be seen where one stands.
import assert from 'node:assert/strict';

import { enterOn, focusIsOnTheError, tabTo, typeInto } from '../lib/keyboard.mjs';
import { arrive } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

export async function keyboard(journey, world) {
  const { browser, wiki, anna } = world;
  const person = await browser.person('anna-keyboard');
  const page = await person.tab();

  await journey.step('page one', async () => {
    await page.goto(wiki + DEEP);
    await arrive(page, /^\/\.vestibule\/login/);
    await tabTo(page, '#login');
    await page.keyboard.type(anna.login);
    await page.keyboard.press('Tab');
    assert(await page.locator('#password').evaluate((field) => field === document.activeElement), 'Tab leads on to the password');
    await person.look(page, 'keyboard-focus');
    await page.keyboard.type(anna.password);
    await tabTo(page, 'button[type=submit]');
    await page.keyboard.press('Enter');
    await arrive(page, '/.vestibule/verify');
  });

  await journey.step('page two', async () => {
    await typeInto(page, [['#code', anna.app.fresh()]]);
    await arrive(page, DEEP);
  });

  await journey.step('the account page: a form filled in, refused, and mended', async () => {
    await page.goto(`${wiki}/.vestibule/account`);
    await enterOn(page, 'Password');
    await arrive(page, '/.vestibule/account/password');
    const fields = (password) => [['#password', password], ['#new_password', 'short'], ['#new_password_again', 'short'], ['#code', anna.app.fresh()]];
    await typeInto(page, fields('not her password'));
    assert(await focusIsOnTheError(page), 'the focus is where something is to mend');
    await typeInto(page, fields(anna.password));
    assert(await focusIsOnTheError(page), 'and again');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'new_password');
    await enterOn(page, 'Back to your account');
    await arrive(page, '/.vestibule/account');
  });

  await journey.step('out again', async () => {
    await enterOn(page, 'Sign out');
    await arrive(page, /^\/\.vestibule\/login/);
    await person.leave();
  });
}
