// Hands that know no mouse.
import assert from 'node:assert/strict';

import { until } from './journey.mjs';

const MOST = 60;

// Presses Tab until the element has the focus, and looks at each stop whether that can be seen.
export async function tabTo(page, target) {
  const wanted = typeof target === 'string' ? page.locator(target).first() : target;
  const there = () => wanted.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < MOST && !await there(); presses += 1) {
    await page.keyboard.press('Tab');
    await ringIsSeen(page);
  }
  assert(await there(), `Tab never leads to ${target}`);
  await ringIsSeen(page);
}

// Where the keys go can be seen: a ring of two pixels, within the window.
async function ringIsSeen(page) {
  const unseen = await page.evaluate(() => {
    const here = document.activeElement;
    // Between the last stop and the first one.
    if (here === null || here === document.body || here === document.documentElement) return '';
    const { outlineStyle, outlineWidth } = getComputedStyle(here);
    const { top, bottom } = here.getBoundingClientRect();
    const ring = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && here.matches(':focus-visible');
    return ring && bottom > 0 && top < innerHeight ? '' : here.outerHTML.slice(0, 120);
  });
  assert.equal(unseen, '', 'the focus cannot be seen');
}

// What has a label that begins so: of these kinds, the first on the page.
function labelled(page, label, kinds = ['button', 'link']) {
  const named = { name: new RegExp(`^${label.replace(/[.+?()]/g, '\\$&')}`) };
  return kinds.map((kind) => page.getByRole(kind, named)).reduce((one, other) => one.or(other)).first();
}

// Goes to the button or box and presses a key on it; the page stays.
export async function keyOn(page, label, key) {
  await tabTo(page, labelled(page, label, ['button', 'checkbox']));
  await page.keyboard.press(key);
}

// Goes to the button or link whose label begins so and presses Enter (or another key) on it; the address changes or the form is
// sent.
export async function enterOn(page, label, key = 'Enter') {
  await tabTo(page, labelled(page, label));
  await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), page.keyboard.press(key)]);
}

// Goes to each field in turn and types into it; Enter in the last one sends the form.
export async function typeInto(page, fields) {
  for (const [selector, text] of fields) {
    await tabTo(page, selector);
    await page.keyboard.press('Control+A');
    await page.keyboard.type(text);
  }
  await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), page.keyboard.press('Enter')]);
}

// After an error: the field to mend gets the focus and what is wrong stands at it, or the summary on top gets it. A browser gives
// `autofocus` its due when it next draws, which may be after it said that the page is loaded.
export async function errorGetsFocus(page) {
  await until('the focus goes to what is to mend', () => page.evaluate(() => {
    const here = document.activeElement;
    const told = (here?.getAttribute('aria-describedby') ?? '').split(' ').some((id) => id.endsWith('-why') || id === 'mistakes'
      ? document.getElementById(id)?.textContent.trim() : false);
    return here?.matches('[role=alert]') || (here?.getAttribute('aria-invalid') === 'true' && told);
  }), { limit: 3000 });
}
