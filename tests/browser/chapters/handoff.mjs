// Our pages get a host of their own: one sign-in there, and each portal is handed a session by a form that sends itself.
import assert from 'node:assert/strict';

import { until } from '../lib/journey.mjs';
import { arrive, enterCode, logIn, send } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

export async function handoff(journey, world) {
  const { browser, gate, wiki, ben } = world;
  const pages = wiki.replace('localhost', 'login.localhost');
  const person = await browser.person('ben-handed-on');
  const page = await person.tab();
  const at = (host, path) => page.waitForURL((url) => url.href.startsWith(host) && path.test(url.pathname + url.search));

  await journey.step('the operator gives our pages a host', async () => {
    gate.configure([['[pages]', 'url', `"${pages}"`]]);
    await until('the wiki leads there', async () => {
      await page.goto(wiki + DEEP);
      return page.url().startsWith(pages);
    });
  });

  await journey.step('he signs in there, and stands in the wiki', async () => {
    await at(pages, /^\/\.vestibule\/login/);
    await logIn(page, ben.login, ben.password);
    await at(pages, /^\/\.vestibule\/verify/);
    await enterCode(page, ben.app.fresh(), 'Submit OTP code');
    await at(wiki, new RegExp(`^${DEEP.replace('?', '\\?')}`));
    assert.match(await page.locator('#dokuwiki__content').innerText(), /House rules/);
    assert.deepEqual(person.complaints.splice(0), []);
  });

  await journey.step('another portal takes him without asking', async () => {
    await page.goto(world.echo);
    await at(world.echo, /^\/$/);
  });

  await journey.step('who signs out at one is out at all', async () => {
    await page.goto(`${pages}/.vestibule/logout`);
    await send(page, 'Sign out');
    await page.goto(world.echo);
    await at(pages, /^\/\.vestibule\/login/);
    await person.leave();
  });

  await journey.step('without scripts there is a button', async () => {
    const plain = await browser.person('ben-handed-on-plain', { javaScriptEnabled: false });
    const tab = await plain.tab();
    await tab.goto(wiki + DEEP);
    await logIn(tab, ben.login, ben.password);
    await enterCode(tab, ben.app.fresh(), 'Submit OTP code');
    await plain.look(tab, 'handoff');
    // Its ticket is good for half a minute, which the look may have taken: another one.
    await tab.reload();
    await tab.locator('form[data-send] button').click();
    await arrive(tab, DEEP);
    await plain.leave();
  });

  await journey.step('and back again', async () => {
    gate.configure([['[pages]', 'url', '""']]);
    const someone = await browser.person('somebody');
    const tab = await someone.tab();
    await until('the wiki asks for the password itself', async () => {
      await tab.goto(wiki + DEEP);
      return tab.url().startsWith(`${wiki}/.vestibule/login`);
    });
    await someone.leave();
  });
}
