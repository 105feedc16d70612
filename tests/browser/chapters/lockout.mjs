// Ben's password is stolen: wrong codes from unknown browsers lock those out, and only those.
import assert from 'node:assert/strict';

import { AT_ONCE, until } from '../lib/journey.mjs';
import { arrive, enterCode, heading, logIn, signIn } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

export async function lockOut(journey, world) {
  const { gate, browser, wiki, ben } = world;

  await journey.step('five wrong codes end a pending login, ten lock unknown browsers out', async () => {
    for (let round = 0; round < 2; round += 1) {
      const thief = await browser.person(`thief-${round}`);
      const page = await thief.tab();
      await page.goto(wiki + DEEP);
      await logIn(page, ben.login, ben.password);
      await arrive(page, '/.vestibule/verify');
      for (let tries = 0; tries < 5; tries += 1) {
        assert.equal(new URL(page.url()).pathname, '/.vestibule/verify', `try ${tries + 1}`);
        await enterCode(page, ben.app.wrong(), 'Submit OTP code');
      }
      await page.goto(`${wiki}/.vestibule/verify`);
      await arrive(page, /^\/\.vestibule\/login/);
      await thief.leave();
    }
    const locked = await gate.json('user', 'list', '--locked');
    assert(locked.some(({ login }) => login === ben.login), 'the operator sees it');
  });

  await journey.step('an unknown browser is told so after the password', async () => {
    const thief = await browser.person('thief');
    const page = await thief.tab();
    await page.goto(wiki + DEEP);
    await logIn(page, ben.login, ben.password);
    await page.waitForLoadState();
    assert.match(await heading(page), /locked/i);
    await thief.look(page, 'locked');
    await thief.leave();
  });

  await journey.step('his own browser goes on, and even signs in anew', async () => {
    await ben.page.goto(wiki + DEEP);
    await arrive(ben.page, DEEP);
    await gate.cli('session', 'end', '--user', ben.login);
    await until('he is signed out', () => ben.page.goto(wiki + DEEP).then(() => ben.page.url().includes('/.vestibule/login')), { limit: AT_ONCE });
    await signIn(ben.page, wiki + DEEP, ben);
  });

  await journey.step('where an unlock takes a recovery code, the page after the password says so', async () => {
    await gate.reconfigure([['[mfa]', 'unlock', '"recovery"']]);
    await gate.cli('user', 'unlock', ben.login);
    const other = await browser.person('ben-due');
    const page = await other.tab();
    await page.goto(wiki + DEEP);
    await logIn(page, ben.login, ben.password);
    await arrive(page, '/.vestibule/recover');
    await other.look(page, 'recover-due');
    await other.leave();
    await gate.reconfigure([['[mfa]', 'unlock', '"code"']]);
  });

  await journey.step('vestibule user unlock opens the door again', async () => {
    await gate.cli('user', 'unlock', ben.login);
    const other = await browser.person('ben-elsewhere');
    await signIn(await other.tab(), wiki + DEEP, ben);
    await other.leave();
  });
}
