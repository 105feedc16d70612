// How a person gets through our pages: by the words that stand on them.
import assert from 'node:assert/strict';

import { errorGetsFocus } from './keyboard.mjs';

// Presses the one button or link with this label.
export async function press(page, label) {
  const exact = { name: label, exact: true };
  await page.getByRole('button', exact).or(page.getByRole('link', exact)).click();
}

// Presses a button that sends a form; the answer to the POST itself, before any redirect was followed. The page to which it led
// is loaded then: the answer alone comes before the old page has gone.
export async function send(page, label) {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST' && response.request().isNavigationRequest()),
    page.waitForNavigation({ waitUntil: 'load' }),
    press(page, label),
  ]);
  return answer;
}

// Sends a form that must be refused with a page shown again.
export async function refused(page, label, words, status = 422) {
  const answer = await send(page, label);
  assert.equal(answer.status(), status, `*${label}* was answered ${answer.status()}`);
  const text = await heard(page);
  assert.match(text, words, `the page says: ${text}`);
  await errorGetsFocus(page);
  return text;
}

// What a screen reader announces, with what stands at the field.
export async function heard(page) {
  const parts = await page.locator('[role=alert], .why').allInnerTexts();
  return parts.join(' ').replace(/\s+/g, ' ').trim();
}

// Until the address is this path and query (an exact text) or fits the pattern.
export async function arrive(page, path) {
  const fits = (url) => {
    const here = url.pathname + url.search;
    return path instanceof RegExp ? path.test(here) : here === path;
  };
  try {
    await page.waitForURL(fits, { waitUntil: 'load' });
  } catch (error) {
    throw new Error(`expected to arrive at ${path}, but stand at ${page.url()}: ${await heading(page)} ${await heard(page)}`, { cause: error });
  }
}

export async function heading(page) {
  return (await page.locator('h1').first().innerText({ timeout: 10_000 }).catch(() => '')).trim();
}

// Page one.
export async function logIn(page, login, password) {
  await page.getByLabel('E-mail address').fill(login);
  await page.locator('#password').fill(password);
  return send(page, 'Log in');
}

// Whatever asks for a code.
export async function enterCode(page, code, label) {
  await page.locator('#code').fill(code);
  return send(page, label);
}

// Both doors, for somebody who is enrolled, by way of the address that is asked for.
export async function signIn(page, address, person) {
  await page.goto(address);
  await arrive(page, /^\/\.vestibule\/login/);
  await logIn(page, person.login, person.password);
  await arrive(page, '/.vestibule/verify');
  await enterCode(page, person.app.fresh(), 'Submit OTP code');
  const { pathname, search } = new URL(address);
  await arrive(page, pathname + search);
}

// A script on a page of the portal asks the portal for something.
export async function fetched(page, path) {
  return page.evaluate(async (target) => {
    const answer = await fetch(target, { redirect: 'manual', cache: 'no-store' });
    const names = ['content-type', 'location', 'vestibule-required', 'www-authenticate', 'x-request-id'];
    return { status: answer.status, ...Object.fromEntries(names.map((name) => [name, answer.headers.get(name)])), text: await answer.text() };
  }, path);
}

// The secret in a QR code's address, after a look at all that apps need to know.
export function readOtpauth(text, login) {
  const address = new URL(text);
  assert.equal(`${address.protocol}//${address.host}`, 'otpauth://totp', 'the kind of code');
  assert(decodeURIComponent(address.pathname).includes(login), `the QR code names ${login}`);
  const { secret, issuer, algorithm = 'SHA1', digits = '6', period = '30' } = Object.fromEntries(address.searchParams);
  assert.match(secret, /^[A-Z2-7]{32,}$/, 'the secret is at least 160 bits of base32');
  assert(issuer, 'the QR code names the issuer');
  assert.deepEqual([algorithm, digits, period], ['SHA1', '6', '30'], 'the profile that every app accepts');
  return secret;
}

// Ten different recovery codes, and nothing else that looks like one.
export function readRecoveryCodes(text) {
  const codes = text.match(/\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b/g) ?? [];
  assert.equal(codes.length, 10, `ten recovery codes in:\n${text}`);
  assert.equal(new Set(codes).size, 10, 'all of them different');
  for (const code of codes) assert.match(code, /^[0-9A-HJKMNP-TV-Z-]+$/, 'the letters of Crockford’s base32');
  return codes;
}
