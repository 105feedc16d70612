// Hands that know no mouse.
import assert from 'node:assert/strict';

const MOST = 60;

// Presses Tab until the element has the focus, and looks whether that can be seen.
export async function tabTo(page, target) {
  const wanted = typeof target === 'string' ? page.locator(target).first() : target;
  const there = () => wanted.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < MOST && !await there(); presses += 1) await page.keyboard.press('Tab');
  assert(await there(), `Tab never leads to ${target}`);
  const ring = await wanted.evaluate((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  });
  assert(ring, `the focus on ${target} cannot be seen`);
}

// Goes to the button or link whose label begins so and presses Enter on it; the address changes or the form is sent.
export async function enterOn(page, label) {
  const named = { name: new RegExp(`^${label.replace(/[.+]/g, '\\$&')}`) };
  await tabTo(page, page.getByRole('button', named).or(page.getByRole('link', named)).first());
  await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), page.keyboard.press('Enter')]);
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

// After an error: the field to mend has the focus and what is wrong stands at it, or the summary on top has it.
export async function focusIsOnTheError(page) {
  return page.evaluate(() => {
    const here = document.activeElement;
    const told = (here.getAttribute('aria-describedby') ?? '').split(' ').some((id) => id.endsWith('-why') || id === 'mistakes'
      ? document.getElementById(id)?.textContent.trim() : false);
    return here.matches('[role=alert]') || (here.getAttribute('aria-invalid') === 'true' && told);
  });
}
