// Nothing but the keyboard: Tab and Enter lead through both doors, and it can be seen where one stands.
import assert from 'node:assert/strict';

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
    await tabTo(page, '#code');
    await page.keyboard.type(anna.app.fresh());
    await page.keyboard.press('Enter');
    await arrive(page, DEEP);
    await person.leave();
  });
}

// Presses Tab until the element has the focus, and looks whether that can be seen.
async function tabTo(page, selector) {
  const target = page.locator(selector).first();
  const there = () => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 20 && !await there(); presses += 1) await page.keyboard.press('Tab');
  assert(await there(), `Tab never leads to ${selector}`);
  const ring = await target.evaluate((element) => {
    const style = getComputedStyle(element);
    return [style.outlineStyle !== 'none' && style.outlineWidth !== '0px', style.boxShadow !== 'none'];
  });
  assert(ring.some(Boolean), `the focus on ${selector} cannot be seen`);
}
