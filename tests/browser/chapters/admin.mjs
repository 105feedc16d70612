// The admin pages: an admin signs in at an origin of their own, and what is changed there is felt at the portals.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bindApp, downloadCodes, lastCode } from '../lib/enrol.mjs';
import { until } from '../lib/journey.mjs';
import { enterOn, tabTo } from '../lib/keyboard.mjs';
import { arrive, enterCode, heading, logIn, press, refused, send, signIn } from '../lib/pages.mjs';

const HOUR = 3600;
const HOME = '/.vestibule/admin';

export async function adminPages(journey, world) {
  const { gate, clock, wiki, admin: origin, anna } = world;
  const boss = world.boss = { login: 'admin@example.com', password: 'Nine-Kettles-26-Harbour' };
  let page;

  await journey.step('an admin enrols at the portal, like everybody', async () => {
    const { link } = await gate.json('user', 'invite', boss.login);
    boss.browser = await world.browser.person('admin');
    page = await boss.browser.tab();
    await page.goto(link);
    await page.locator('#new_password').fill(boss.password);
    await page.locator('#new_password_again').fill(boss.password);
    await send(page, 'Finish registration');
    await page.goto(`${wiki}/.vestibule/login`);
    await logIn(page, boss.login, boss.password);
    boss.app = await bindApp(page, { browser: boss.browser, login: boss.login, clock, name: 'admin-setup' });
    await downloadCodes(page);
    await lastCode(page, boss.app, '/');
    assert.match(await heading(page), /./, 'the wiki is for staff');
    await boss.browser.look(page, 'forbidden');
  });

  await journey.step('Anna works at the wiki, and two hours pass', async () => {
    anna.wiki = await anna.browser.tab();
    await anna.wiki.goto(`${wiki}/doku.php?id=start`);
    // Signed in she is, save where a chapter was left.
    if (anna.wiki.url().includes('/.vestibule/login')) await signIn(anna.wiki, `${wiki}/doku.php?id=start`, anna);
    clock.move(2 * HOUR);
    await anna.wiki.goto(`${wiki}/doku.php?id=start`);
    await arrive(anna.wiki, '/doku.php?id=start');
  });

  await journey.step('the admin pages have a sign-in of their own', async () => {
    await page.goto(`${origin}${HOME}`);
    await arrive(page, /^\/\.vestibule\/login/);
    await logIn(page, boss.login, boss.password);
    await enterCode(page, boss.app.fresh(), 'Submit OTP code');
    await arrive(page, HOME);
    assert.equal(await heading(page), 'Overview');
    await boss.browser.look(page, 'admin-overview');
  });

  await journey.step('by keyboard: past the navigation into the page, and on to the accounts', async () => {
    await page.goto(`${origin}${HOME}`);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '#content', 'the first stop skips the navigation');
    await page.keyboard.press('Enter');
    await until('the focus follows the link', () => page.evaluate(() => document.activeElement.id === 'content'));
    await page.keyboard.press('Tab');
    assert(await page.evaluate(() => document.activeElement.closest('main') !== null), 'and leads into the page');
    await page.goto(`${origin}${HOME}`);
    await enterOn(page, 'Accounts');
    await arrive(page, `${HOME}/accounts`);
    await tabTo(page, '#find');
    await page.keyboard.type(anna.login.split('@')[0]);
    await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), page.keyboard.press('Enter')]);
    await enterOn(page, anna.login);
    assert.equal(await heading(page), anna.login);
  });

  await journey.step('a shorter MFA time setting meets Anna at her next request', async () => {
    await page.goto(`${origin}${HOME}/settings`);
    await boss.browser.look(page, 'admin-settings');
    await page.getByLabel('MFA time setting').selectOption({ label: '1 hour' });
    await page.locator('form:has(#reauth-window)').getByRole('button', { name: 'Save' }).click();
    await arrive(page, `${HOME}/settings?said=done`);
    // The very next one.
    await anna.wiki.goto(`${wiki}/doku.php?id=start`);
    await arrive(anna.wiki, /^\/\.vestibule\/verify/);
    assert.match(await anna.wiki.locator('main').innerText(), /every hour/);
  });

  await journey.step('a longer one waits a day, and can be cancelled', async () => {
    await page.getByLabel('MFA time setting').selectOption({ label: '30 days' });
    await page.locator('form:has(#reauth-window)').getByRole('button', { name: 'Save' }).click();
    await arrive(page, `${HOME}/settings?said=waits`);
    await page.goto(`${origin}${HOME}`);
    await boss.browser.look(page, 'admin-waiting');
    await send(page, 'Cancel');
    await arrive(page, `${HOME}?said=cancelled`);
    await gate.cli('settings', 'unset', 'reauth-window');
  });

  await journey.step('people are invited, all or nobody', async () => {
    await page.goto(`${origin}${HOME}/accounts/invite`);
    await page.locator('#people').fill('dora\nemil@example.com,Emil,staff');
    await refused(page, 'Invite people', /Nobody has been invited yet/);
    await boss.browser.look(page, 'admin-invite');
    await page.locator('#people').fill('dora@example.com,Dora Example,staff\nemil@example.com,Emil,staff');
    await send(page, 'Invite people');
    await arrive(page, `${HOME}/accounts?said=done`);
    await boss.browser.look(page, 'admin-accounts');
  });

  await journey.step('a file invites, too: chosen, refused, chosen again', async () => {
    const file = (name, content) => {
      const path = join(world.temp, name);
      writeFileSync(path, content);
      return path;
    };
    await page.goto(`${origin}${HOME}/accounts/invite`);
    await page.getByLabel('Or a CSV file').setInputFiles(file('sheet.csv', Buffer.from('\xff\xfef\x00', 'latin1')));
    await refused(page, 'Invite people', /not text in UTF-8/);
    await boss.browser.look(page, 'admin-invite-file');
    await page.locator('#people').fill('frida@example.com');
    await page.locator('#file').setInputFiles(file('people.csv', 'frida@example.com,Frida\ngustav\n'));
    await refused(page, 'Invite people', /Use one of them/);
    await page.locator('#people').fill('');
    await page.locator('#file').setInputFiles(join(world.temp, 'people.csv'));
    await refused(page, 'Invite people', /Nobody has been invited yet/);
    assert.equal(await page.locator('#people').inputValue(), 'frida@example.com,Frida\ngustav\n', 'its lines stand there, to be mended');
    await page.locator('#people').fill('');
    for (const size of [300, 8000]) {
      await page.locator('#file').setInputFiles(file('large.csv', 'frida@example.com,Frida\n'.repeat(size * 1024 / 24)));
      assert.equal((await send(page, 'Invite people')).status(), 413, `${size} KiB`);
      assert.match(await heading(page), /too large/);
      await page.goto(`${origin}${HOME}/accounts/invite`);
    }
    await page.locator('#file').setInputFiles(file('people.csv', '\ufefflogin,name,groups\r\nfrida@example.com,"Holm, Frida",staff\r\ngustav@example.com,Gustav,\r\n'));
    await send(page, 'Invite people');
    await arrive(page, `${HOME}/accounts?said=done`);
    const invited = (await gate.json('user', 'list')).filter(({ login }) => /^(frida|gustav)@/.test(login));
    assert.deepEqual(invited.map(({ name, groups }) => [name, groups]), [['Holm, Frida', ['staff']], ['Gustav', []]]);
  });

  await journey.step('whoever was locked is unlocked', async () => {
    for (let round = 0; round < 2; round += 1) {
      const stranger = await world.browser.person(`stranger-${round}`);
      const tab = await stranger.tab();
      await tab.goto(`${wiki}/.vestibule/login`);
      await logIn(tab, anna.login, anna.password);
      for (let wrong = 0; wrong < 5; wrong += 1) {
        if (!(await tab.locator('#code').isVisible())) break;
        await enterCode(tab, '000000', 'Submit OTP code');
      }
      await stranger.leave();
    }
    await page.goto(`${origin}${HOME}/accounts?show=locked`);
    await press(page, anna.login);
    await boss.browser.look(page, 'admin-account');
    await send(page, 'Unlock');
    await page.waitForURL(/said=done/);
    const [{ locked }] = (await gate.json('user', 'list')).filter(({ login }) => login === anna.login);
    assert.equal(locked, false);
  });

  await journey.step('the audit trail is handed out as a file', async () => {
    await page.goto(`${origin}${HOME}/audit`);
    await boss.browser.look(page, 'admin-audit');
    const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'CSV')]);
    const text = readFileSync(await download.path(), 'utf8');
    assert.match(text, /^seq,at,actor,client,action,account,login,detail\r\n/);
    assert.match(text, /user\.unlock/);
    assert.match(text, /settings\.set/);
  });

  await journey.step('whoever is no admin is told so, after both doors', async () => {
    const person = await world.browser.person('anna-at-the-admins');
    const tab = await person.tab();
    await tab.goto(`${origin}${HOME}`);
    await logIn(tab, anna.login, anna.password);
    const answer = await enterCode(tab, anna.app.fresh(), 'Submit OTP code');
    assert.equal(answer.status(), 303);
    assert.match(await heading(tab), /admin/i);
    await person.look(tab, 'admin-not-admin');
    person.complaints.length = 0;
    await person.leave();
  });

  await journey.step('nobody finds these pages at the portal', async () => {
    const answer = await page.goto(`${wiki}${HOME}`);
    assert.equal(answer.status(), 404);
    await boss.browser.leave();
  });
}
