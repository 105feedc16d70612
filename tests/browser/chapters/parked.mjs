// What she wrote survives the window: kept, shown, sent once. And a page that asks for the code in time, by the snippet that the
// documentation gives.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { AT_ONCE, until } from '../lib/journey.mjs';
import { enterOn } from '../lib/keyboard.mjs';
import { arrive, enterCode, fetched, heading, logIn, press, send } from '../lib/pages.mjs';

const HOUR = 3600;
const PARKED = '/.vestibule/parked';
const snippet = readFileSync(new URL('../../../docs/confirm-snippet.md', import.meta.url), 'utf8').match(/```js\n([\s\S]*?)```/)[1];

export async function parked(journey, world) {
  const { gate, clock, wiki, anna } = world;
  const { page } = anna;
  const long = `====== Long story ======\n\n${'She wrote this for an hour: kettle, tea & “quotes”. '.repeat(400)}\n\nThe end.\n`;
  const raw = async (id) => (await fetched(page, `/doku.php?id=${id}&do=export_raw`)).text.trim();
  const stored = (id) => existsSync(join(world.temp, 'wiki', 'data', 'pages', `${id}.txt`));
  const left = () => page.evaluate(async () => Number((await fetch('/.vestibule/state')).headers.get('vestibule-window-left')));

  await journey.step('a code is good for an hour now, and she begins to write', async () => {
    await gate.cli('settings', 'set', 'reauth-window', '1h');
    await until('the shorter window', async () => await left() <= HOUR, { limit: AT_ONCE });
    await page.bringToFront();
    await page.goto(`${wiki}/.vestibule/verify`);
    await enterCode(page, anna.app.fresh(), 'Verify');
    await page.goto(`${wiki}/doku.php?id=story&do=edit`);
    await page.locator('#wiki__text').fill(long);
  });

  await journey.step('the window passes; she saves, and is asked for a code', async () => {
    clock.move(2 * HOUR);
    await page.locator('#edbtn__save').click();
    await arrive(page, /^\/\.vestibule\/verify/);
  });

  await journey.step('after the code the page shows what waits, and sends nothing by itself', async () => {
    await enterCode(page, anna.app.fresh(), 'Verify');
    await arrive(page, PARKED);
    const said = await page.locator('main').innerText();
    assert.match(said, /POST \/doku\.php/);
    assert.match(said, /\d+ KiB/);
    assert.doesNotMatch(said, /kettle/);
    await anna.browser.look(page, 'parked');
    assert(!stored('story'), 'not yet');
  });

  await journey.step('Send it now: the page is saved, to the last letter, under her name', async () => {
    const [tunnelled] = await Promise.all([
      page.waitForResponse((response) => response.url() === `${wiki}${PARKED}` && response.request().method() === 'POST'),
      press(page, 'Send it now'),
    ]);
    assert.equal(tunnelled.status(), 307);
    await arrive(page, /^\/doku\.php\?id=story$/);
    assert.match(await page.locator('#dokuwiki__content').innerText(), /The end/);
    assert.match(await page.locator('.docInfo').innerText(), /by anna@example\.com/);
    assert.equal(await raw('story'), long.trim());
  });

  await journey.step('the page says that it was sent', async () => {
    await page.goto(wiki + PARKED);
    assert.match(await heading(page), /Nothing waits/);
    assert.match(await page.locator('main').innerText(), /the portal took it/);
    await anna.browser.look(page, 'parked-sent');
  });

  await journey.step('Discard: what she wrote is not saved', async () => {
    await page.goto(`${wiki}/doku.php?id=draft&do=edit`);
    await page.locator('#wiki__text').fill('Better not.\n');
    clock.move(2 * HOUR);
    await page.locator('#edbtn__save').click();
    await arrive(page, /^\/\.vestibule\/verify/);
    await enterCode(page, anna.app.fresh(), 'Verify');
    await arrive(page, PARKED);
    await enterOn(page, 'Discard');
    await arrive(page, PARKED);
    assert.match(await page.locator('main').innerText(), /You discarded it/);
    assert(stored('story') && !stored('draft'));
  });

  await journey.step('a page with the snippet warns five minutes ahead', async () => {
    // A page that keeps no lock and no draft of its own.
    await page.goto(`${wiki}/doku.php?id=start`);
    await page.addScriptTag({ content: snippet });
    const button = page.getByRole('button', { name: 'Please enter a new code to go on' });
    await button.waitFor({ state: 'hidden' });
    clock.move(await left() - 290);
    await page.evaluate(() => look());
    await button.waitFor({ state: 'visible' });
  });

  await journey.step('the code is entered in a window of its own, which knows nothing of its opener', async () => {
    const [popup] = await Promise.all([
      anna.browser.context.waitForEvent('page'),
      press(page, 'Please enter a new code to go on'),
    ]);
    await arrive(popup, '/.vestibule/verify?popup=1');
    await anna.browser.look(popup, 'popup');
    assert.equal(await popup.evaluate(() => window.opener), null);
    await enterCode(popup, anna.app.fresh(), 'Verify');
    await arrive(popup, '/.vestibule/verify?popup=done');
    await anna.browser.look(popup, 'popup-done');
    await popup.close();
  });

  await journey.step('the page has heard of it, and the window is new', async () => {
    await page.getByRole('button', { name: 'Please enter a new code to go on' }).waitFor({ state: 'hidden' });
    assert(await left() > 3000);
  });

  await journey.step('without a session the window signs in first, and the page hears of that, too', async () => {
    await gate.cli('session', 'end', '--user', anna.login);
    await until('the session is over', async () => await page.evaluate(async () => (await fetch('/.vestibule/state')).status) === 401);
    await page.evaluate(() => look());
    const button = page.getByRole('button', { name: 'Please enter a new code to go on' });
    await button.waitFor({ state: 'visible' });
    const [popup] = await Promise.all([
      anna.browser.context.waitForEvent('page'),
      press(page, 'Please enter a new code to go on'),
    ]);
    await arrive(popup, /^\/\.vestibule\/login/);
    await logIn(popup, anna.login, anna.password);
    await arrive(popup, '/.vestibule/verify');
    await enterCode(popup, anna.app.fresh(), 'Submit OTP code');
    await arrive(popup, '/.vestibule/verify?popup=done');
    await popup.close();
    await button.waitFor({ state: 'hidden' });
    // The 401 of its own looks.
    anna.browser.complaints.length = 0;
  });

  await journey.step('nor does a page of ours know who opened it without noopener, or the other way round', async () => {
    await page.evaluate(() => {
      const button = document.body.appendChild(document.createElement('button'));
      button.textContent = 'open it carelessly';
      button.onclick = () => { window.held = open('/.vestibule/verify?popup=1', 'held'); };
    });
    const [popup] = await Promise.all([anna.browser.context.waitForEvent('page'), press(page, 'open it carelessly')]);
    await arrive(popup, '/.vestibule/verify?popup=1');
    assert.equal(await popup.evaluate(() => window.opener), null, 'no way back');
    await until('the handle is cut off', () => page.evaluate(() => window.held.closed));
    const reached = await page.evaluate(() => {
      try {
        return Boolean(window.held.document?.querySelector('#code'));
      } catch {
        return false;
      }
    });
    assert.equal(reached, false, 'nothing of the page is in reach');
    await popup.close();
  });

  await journey.step('no complaint of console or network, and the long window is back', async () => {
    await gate.cli('settings', 'unset', 'reauth-window');
    // The wiki saves a draft behind her back, and is refused when the window has passed.
    assert.deepEqual(anna.browser.complaints.splice(0), []);
  });
}
