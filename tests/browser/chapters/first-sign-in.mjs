// Anna is invited, chooses a password, binds her phone, keeps her recovery codes, and stands where she wanted to go.
import assert from 'node:assert/strict';

import { readQr } from '../lib/browser.mjs';
import { App } from '../lib/clock.mjs';
import { downloadCodes } from '../lib/enrol.mjs';
import { arrive, enterCode, heading, heard, logIn, readOtpauth, refused, send } from '../lib/pages.mjs';

export const DEEP = '/doku.php?id=wiki:rules';

export async function invitation(journey, world) {
  const { gate, browser, wiki, anna } = world;
  anna.browser = await browser.person('anna');
  anna.page = await anna.browser.tab();
  const { page } = anna;

  await journey.step('vestibule user invite prints exactly one link', async () => {
    const { stdout } = await gate.cli('user', 'invite', anna.login, '--name', anna.name, '--group', 'staff');
    assert.match(stdout, /^\S+\n$/);
    anna.link = stdout.trim();
    assert(anna.link.startsWith(`${wiki}/.vestibule/register/`), `the link leads to the portal: ${anna.link.replace(/[^/]+$/, '…')}`);
  });

  await journey.step('the wiki’s deep link leads to the login page', async () => {
    await page.goto(wiki + DEEP);
    await arrive(page, /^\/\.vestibule\/login\?to=/);
    assert.equal(new URL(page.url()).searchParams.get('to'), DEEP);
    assert.equal(await page.locator('#wiki__text, #dokuwiki__site').count(), 0);
    await anna.browser.look(page, 'login');
  });

  await journey.step('the invitation greets her, and its token leaves the address', async () => {
    await page.goto(anna.link);
    await arrive(page, '/.vestibule/register');
    assert.match(await heading(page), /Anna Example/);
    assert.equal(await page.getByLabel('Username').inputValue(), anna.login);
    await anna.browser.look(page, 'register');
  });

  await journey.step('the rules tick while she types', async () => {
    await page.locator('#new_password').pressSequentially('abc');
    assert.deepEqual(await rulesMet(page), ['lower']);
    await page.locator('#new_password').fill('abcDEF123456');
    assert((await rulesMet(page)).length >= 4, 'all but the special character');
    assert(!(await rulesMet(page)).includes('special'));
    await page.locator('#new_password_again').fill('abc');
    assert.match(await page.locator('#match').innerText(), /do not match/);
    await anna.browser.look(page, 'register-typing');
  });

  await journey.step('a weak password is refused, and nothing she typed stays in the fields', async () => {
    for (const field of ['#new_password', '#new_password_again']) await page.locator(field).fill('abcDEF123456');
    await refused(page, 'Finish registration', /password/i);
    for (const field of ['#new_password', '#new_password_again']) assert.equal(await page.locator(field).inputValue(), '');
    await anna.browser.look(page, 'register-refused');
  });

  await journey.step('a guessable password is refused although it fits the classes', async () => {
    for (const field of ['#new_password', '#new_password_again']) await page.locator(field).fill('Password123!');
    await refused(page, 'Finish registration', /password/i);
  });

  await journey.step('a good password, twice, finishes the registration', async () => {
    for (const field of ['#new_password', '#new_password_again']) await page.locator(field).fill(anna.password);
    assert.match(await page.locator('#match').innerText(), /two passwords match/);
    assert.equal((await send(page, 'Finish registration')).status(), 200);
    assert.match(await heading(page), /finished/i);
    assert.match(await page.locator('main').innerText(), new RegExp(`${new URL(wiki).host}`));
    await anna.browser.look(page, 'registered');
  });
}

export async function enrolment(journey, world) {
  const { gate, clock, wiki, anna } = world;
  const { page } = anna;

  await journey.step('password first: Log in leads to the set-up', async () => {
    await page.goto(wiki + DEEP);
    await arrive(page, /^\/\.vestibule\/login/);
    const answer = await logIn(page, anna.login, anna.password);
    assert.equal(answer.status(), 303);
    await arrive(page, '/.vestibule/setup');
    await anna.browser.look(page, 'setup-start');
  });

  await journey.step('no picture of the secret before she asks for it, and no way around', async () => {
    assert.equal(await page.locator('img.qr, #secret').count(), 0);
    await page.goto(wiki + DEEP);
    assert.match(page.url(), /\/\.vestibule\//, 'a pending login sees nothing of the wiki');
    await page.goto(`${wiki}/.vestibule/setup`);
    await arrive(page, '/.vestibule/setup');
  });

  await journey.step('the QR code in the screenshot is read by zbarimg, in every width and colour', async () => {
    await send(page, 'Setup MFA and access your account');
    const pictures = await anna.browser.look(page, 'setup');
    const [otpauth, ...others] = pictures.map((picture) => readQr(picture));
    for (const other of others) assert.equal(other, otpauth, 'the same in each picture');
    anna.app = new App(clock, readOtpauth(otpauth, anna.login));
    assert.equal(await page.locator('a[href^="otpauth:"]').getAttribute('href'), otpauth, 'the link for a phone says the same');
  });

  await journey.step('the secret to type by hand is the same', async () => {
    const shown = await page.locator('#secret').innerText();
    assert.match(shown, /^([A-Z2-7]{4}\s+)+[A-Z2-7]{1,4}$/, 'groups of four');
    assert.equal(shown.replace(/\s/g, ''), anna.app.secret);
  });

  await journey.step('a wrong code enables nothing', async () => {
    await page.locator('#code').fill(anna.app.wrong());
    await refused(page, 'Enable multi-factor authentication', /not right/i);
    assert.equal((await page.locator('#secret').innerText()).replace(/\s/g, ''), anna.app.secret, 'the secret stays the same');
    await anna.browser.look(page, 'setup-wrong-code');
    const without = await gate.json('user', 'list', '--without-mfa');
    assert(without.some(({ login }) => login === anna.login), 'the report still names her');
  });

  await journey.step('oathtool’s code enables multi-factor authentication', async () => {
    // Four pages from here it is to be refused as used, which is said of it until the step after its own is over.
    anna.usedCode = anna.app.fresh(28);
    const answer = await enterCode(page, anna.usedCode, 'Enable multi-factor authentication');
    assert.equal(answer.status(), 303, await heard(page));
    await arrive(page, '/.vestibule/setup/codes');
    await anna.browser.look(page, 'codes');
  });

  await journey.step('Next waits until the recovery codes are saved', async () => {
    await refused(page, 'Next', /not saved/i);
    await anna.browser.look(page, 'codes-not-saved');
  });

  await journey.step('Download recovery codes hands over ten of them', async () => {
    const { name, codes } = await downloadCodes(page);
    assert.match(name, /\.txt$/);
    anna.recoveryCodes = codes;
    assert.equal(await heard(page), '', 'and what the page complained of is gone');
    await anna.browser.look(page, 'codes-downloaded');
  });

  await journey.step('Next leads to one last code', async () => {
    await send(page, 'Next');
    await arrive(page, '/.vestibule/verify');
    await anna.browser.look(page, 'verify-enrolled');
  });

  await journey.step('the code that enabled it is refused with friendly words', async () => {
    await page.locator('#code').fill(anna.usedCode);
    const text = await refused(page, 'Verify', /works once/i);
    assert.match(text, /\b\d+ seconds?\b/, 'she is told how long to wait');
    assert.doesNotMatch(text, /tr(y|ies) left/i, 'and it does not count');
    await anna.browser.look(page, 'verify-used-code');
  });

  await journey.step('the next code passes, to the address first asked for', async () => {
    anna.usedCode = anna.app.fresh();
    await enterCode(page, anna.usedCode, 'Verify');
    await arrive(page, DEEP);
    assert.equal(await heading(page), 'Team wiki');
    assert.match(await page.locator('#dokuwiki__content').innerText(), /House rules/);
    const without = await gate.json('user', 'list', '--without-mfa');
    assert(!without.some(({ login }) => login === anna.login), 'the report no longer names her');
  });
}

async function rulesMet(page) {
  return page.locator('[data-rule].met').evaluateAll((rules) => rules.map((rule) => rule.dataset.rule));
}
