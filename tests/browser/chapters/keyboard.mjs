// Nothing but the keyboard: Tab, Enter and Space lead through both doors and through all that stands behind them, and at each stop
// it can be seen where one stands. Nobody here has a mouse.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { App } from '../lib/clock.mjs';
import { AT_ONCE, until } from '../lib/journey.mjs';
import { enterOn, errorGetsFocus, keyOn, tabTo, typeInto } from '../lib/keyboard.mjs';
import { arrive, fetched, heading, readRecoveryCodes, signIn } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

const HOUR = 3600;

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
    await errorGetsFocus(page);
    await typeInto(page, fields(anna.password));
    await errorGetsFocus(page);
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

// Kim never has anything but a keyboard: from the invitation to the lost phone.
export async function keyboardAlone(journey, world) {
  const { browser, gate, clock, wiki } = world;
  const kim = { login: 'kim@example.com', password: 'Lantern-Otter-52-Gravel' };
  const person = await browser.person('kim');
  const page = await person.tab();
  // The wiki's script gives its text the focus when it is through, which may be after the page is loaded.
  const edit = async (id) => {
    await page.goto(`${wiki}/doku.php?id=${id}&do=edit`);
    await until('the text has the focus', () => page.locator('#wiki__text').evaluate((text) => text === document.activeElement));
  };

  await journey.step('the invitation: a password, twice', async () => {
    const { stdout } = await gate.cli('user', 'invite', kim.login, '--name', 'Kim Example', '--group', 'staff');
    await page.goto(stdout.trim());
    await arrive(page, '/.vestibule/register');
    await typeInto(page, [['#new_password', 'short'], ['#new_password_again', 'short']]);
    await errorGetsFocus(page);
    await typeInto(page, [['#new_password', kim.password], ['#new_password_again', kim.password]]);
    assert.match(await heading(page), /finished/i);
  });

  await journey.step('the wizard, page by page: the picture, the code, the recovery codes', async () => {
    await page.goto(wiki + DEEP);
    await typeInto(page, [['#login', kim.login], ['#password', kim.password]]);
    await wizard(page, { person, kim, clock });
    await arrive(page, DEEP);
  });

  await journey.step('what is written waits for the code, and Send it now sends it', async () => {
    await gate.cli('settings', 'set', 'reauth-window', '1h');
    const left = () => page.evaluate(async () => Number((await fetch('/.vestibule/state')).headers.get('vestibule-window-left')));
    await until('the shorter window', async () => await left() <= HOUR, { limit: AT_ONCE });
    await edit('keys');
    // The portal's own page: it shows the focus in its own way.
    await stepTo(page, '#wiki__text');
    await page.keyboard.type('Written without a mouse.');
    clock.move(2 * HOUR);
    await stepTo(page, '#edbtn__save');
    await page.keyboard.press('Enter');
    await arrive(page, /^\/\.vestibule\/verify/);
    await typeInto(page, [['#code', kim.app.wrong()]]);
    await errorGetsFocus(page);
    await typeInto(page, [['#code', kim.app.fresh()]]);
    await arrive(page, '/.vestibule/parked');
    await enterOn(page, 'Send it now');
    await arrive(page, /^\/doku\.php\?id=keys$/);
    assert.match(readFileSync(join(world.temp, 'wiki/data/pages/keys.txt'), 'utf8'), /Written without a mouse/);
  });

  await journey.step('another page that waits is discarded, with Space', async () => {
    await edit('keys2');
    await stepTo(page, '#wiki__text');
    await page.keyboard.type('Better not.');
    clock.move(2 * HOUR);
    await stepTo(page, '#edbtn__save');
    await page.keyboard.press('Enter');
    await arrive(page, /^\/\.vestibule\/verify/);
    await typeInto(page, [['#code', kim.app.fresh()]]);
    await arrive(page, '/.vestibule/parked');
    await enterOn(page, 'Discard', 'Space');
    await arrive(page, '/.vestibule/parked');
    assert.match(await page.locator('main').innerText(), /You discarded it/);
    assert(!existsSync(join(world.temp, 'wiki/data/pages/keys2.txt')));
    await gate.cli('settings', 'unset', 'reauth-window');
  });

  await journey.step('the confirm page, asked for early', async () => {
    await page.goto(`${wiki}/.vestibule/account`);
    await enterOn(page, 'Enter a code now');
    await arrive(page, /^\/\.vestibule\/verify/);
    await person.look(page, 'keyboard-confirm');
    await typeInto(page, [['#code', kim.app.fresh()]]);
    await arrive(page, '/.vestibule/account');
    assert.match(await page.locator('main').innerText(), /just now/);
  });

  await journey.step('sessions: one is ended, then all the others', async () => {
    const others = [];
    for (const name of ['kim-elsewhere', 'kim-far-away', 'kim-long-ago']) {
      const other = await browser.person(name);
      const tab = await other.tab();
      await signIn(tab, wiki + DEEP, kim);
      others.push({ other, tab });
    }
    const out = async () => Promise.all(others.map(async ({ tab }) => (await fetched(tab, DEEP))['vestibule-required'] === 'login'));
    const count = () => page.getByText(/^From /).count();
    await page.goto(`${wiki}/.vestibule/account`);
    await enterOn(page, 'Sessions and browsers');
    assert.equal(await count(), 4);
    await enterOn(page, 'End the session in Chrome on Linux');
    await arrive(page, '/.vestibule/account/sessions?done=ended');
    assert.equal(await count(), 3);
    assert.equal((await out()).filter(Boolean).length, 1, 'one is out');
    await enterOn(page, 'End all other sessions', 'Space');
    await arrive(page, /^\/\.vestibule\/account\/sessions\?done=/);
    assert.equal(await count(), 1);
    await until('all others are out', async () => (await out()).every(Boolean), { limit: AT_ONCE });
    await page.goto(wiki + DEEP);
    await arrive(page, DEEP);
    for (const { other } of others) await other.leave();
  });

  await journey.step('the phone is lost: a recovery code, and the wizard once more', async () => {
    await page.goto(`${wiki}/.vestibule/account`);
    await enterOn(page, 'Sign out');
    await page.goto(wiki + DEEP);
    await typeInto(page, [['#login', kim.login], ['#password', kim.password]]);
    await arrive(page, '/.vestibule/verify');
    await enterOn(page, 'Start recovery');
    await arrive(page, '/.vestibule/recover');
    await typeInto(page, [['#code', '0000-1111-2222-3333']]);
    await errorGetsFocus(page);
    const [old, codes] = [kim.app.secret, kim.codes];
    await typeInto(page, [['#code', codes[2]]]);
    await wizard(page, { person, kim, clock });
    await arrive(page, DEEP);
    assert(kim.app.secret !== old && !kim.codes.includes(codes[0]));
    person.complaints.length = 0;
    await person.leave();
  });
}

// From the set-up page through to the last code.
async function wizard(page, { kim, clock }) {
  await arrive(page, '/.vestibule/setup');
  await enterOn(page, 'Setup MFA and access your account');
  await tabTo(page, '.apps summary');
  await page.keyboard.press('Space');
  assert(await page.locator('.apps details').first().evaluate((details) => details.open), 'Space opens what is folded');
  const secret = (await page.locator('#secret').innerText()).replace(/\s/g, '');
  const after = kim.app?.lastStep ?? 0;
  kim.app = new App(clock, secret);
  kim.app.lastStep = after;
  await typeInto(page, [['#code', kim.app.wrong()]]);
  await errorGetsFocus(page);
  await typeInto(page, [['#code', kim.app.fresh()]]);
  await arrive(page, '/.vestibule/setup/codes');
  const [download] = await Promise.all([page.waitForEvent('download'), keyOn(page, 'Download recovery codes', 'Enter')]);
  kim.codes = readRecoveryCodes(readFileSync(await download.path(), 'utf8'));
  await keyOn(page, 'I have saved them', 'Space');
  assert(await page.locator('#saved').isChecked());
  await enterOn(page, 'Next', 'Space');
  await arrive(page, '/.vestibule/verify');
  await typeInto(page, [['#code', kim.app.fresh()]]);
}

// Presses Tab until it has the focus, however that looks.
async function stepTo(page, selector) {
  const there = () => page.locator(selector).evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 80 && !await there(); presses += 1) await page.keyboard.press('Tab');
  assert(await there(), `Tab never leads to ${selector}`);
}
