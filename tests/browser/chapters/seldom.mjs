// What few people ever see, and should find as good as the rest: forms that cannot be kept, and a portal with a look of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { until, within } from '../lib/journey.mjs';
import { arrive, enterCode, heading, logIn, press, signIn } from '../lib/pages.mjs';

const HOUR = 3600;

export async function notKept(journey, world) {
  const { browser, gate, clock, echo, ben } = world;
  const person = await browser.person('ben-late');
  const tabs = [];
  // Pages with a form, opened while he was still let in.
  const open = async (letters) => {
    const page = await person.tab();
    await page.goto(echo);
    await page.evaluate((length) => {
      document.body.innerHTML = '<form method="post" action="/save"><textarea name="text"></textarea><button>Save</button></form>';
      document.querySelector('textarea').value = 'x'.repeat(length);
    }, letters);
    tabs.push(page);
    return page;
  };
  const save = async (page) => {
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST' && response.url() === `${echo}/save`),
      page.waitForNavigation({ waitUntil: 'load' }),
      press(page, 'Save'),
    ]);
    return answer.status();
  };

  await journey.step('a code is good for an hour, and he has five forms open', async () => {
    await gate.cli('settings', 'set', 'reauth-window', '1h');
    await gate.reconfigure([['[park]', 'max_body', '"2KiB"']]);
    await signIn(await person.tab(), `${echo}/`, ben);
    for (const letters of [4000, 10, 10, 10, 10]) await open(letters);
    clock.move(2 * HOUR);
  });

  await journey.step('one that is too large is not kept: 413, and how to save it', async () => {
    assert.equal(await save(tabs[0]), 413);
    assert.match(await tabs[0].locator('main').innerText(), /back button may still have/);
    await person.look(tabs[0], 'park-too-large');
  });

  await journey.step('while the records cannot be written: 503', async () => {
    const release = await lockDatabase(world);
    try {
      assert.equal(await save(tabs[1]), 503);
    } finally {
      await release();
    }
    await person.look(tabs[1], 'park-away');
  });

  await journey.step('two wait, a third has no room: 429', async () => {
    assert.deepEqual([await save(tabs[2]), await save(tabs[3]), await save(tabs[4])], [303, 303, 429]);
    assert.match(await heading(tabs[4]), /Two forms of yours are waiting/);
    await person.look(tabs[4], 'park-share');
    await enterCode(tabs[3], ben.app.fresh(), 'Verify');
    await arrive(tabs[3], '/.vestibule/parked');
    await person.look(tabs[3], 'parked-two');
    await gate.cli('settings', 'unset', 'reauth-window');
    await gate.reconfigure([['[park]', 'max_body', '"1MiB"']]);
    person.complaints.length = 0;
    await person.leave();
  });
}

// The other portal's logo, where the wiki has its name in letters.
export async function anotherBrand(journey, world) {
  const { browser, wiki, echo, ben } = world;
  const person = await browser.person('ben-at-the-chat');
  const page = await person.tab();
  const logo = () => page.locator('header img').evaluateAll((images) => images.map((image) => ({
    alt: image.alt, loaded: image.complete && image.naturalWidth > 0, width: image.getBoundingClientRect().width,
  })));
  const accent = () => page.evaluate(() => getComputedStyle(document.querySelector('button.main')).backgroundColor);

  await journey.step('its pages show it, from the sign-in on', async () => {
    await page.goto(`${echo}/`);
    await arrive(page, /^\/\.vestibule\/login/);
    const [image, ...more] = await logo();
    assert(more.length === 0 && image.loaded && image.alt === 'Chat' && image.width > 40, JSON.stringify(image));
    assert.match(await page.title(), /Chat$/);
    const colour = await accent();
    await person.look(page, 'brand-login', { again: true });
    await logIn(page, ben.login, ben.password);
    await arrive(page, '/.vestibule/verify');
    assert((await logo())[0].loaded);
    await person.look(page, 'brand-verify', { again: true });
    await enterCode(page, ben.app.fresh(), 'Submit OTP code');
    await arrive(page, '/');
    await page.goto(`${echo}/.vestibule/account`);
    assert((await logo())[0].loaded);
    await person.look(page, 'brand-account', { again: true });
    await page.goto(`${echo}/.vestibule/nowhere`);
    assert((await logo())[0].loaded, 'a refusal, too');
    await page.goto(`${wiki}/.vestibule/login`);
    assert.deepEqual(await logo(), [], 'the wiki has none');
    assert.notEqual(await accent(), colour, 'and another colour');
    person.complaints.length = 0;
    await person.leave();
  });
}

// Somebody else writes and does not let go: until `release` is called.
async function lockDatabase({ gate, python, children }) {
  const code = 'import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)\nc.execute("BEGIN IMMEDIATE")\n'
    + 'print("held", flush=True)\nsys.stdin.read()';
  const child = spawn(python, ['-c', code, join(gate.dir, 'vestibule.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.add(child);
  const gone = new Promise((resolve) => { child.once('exit', resolve); });
  await within(25_000, new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', (status) => reject(new Error(`it ended with ${status}`)));
  }), 'the database is held');
  return async () => {
    child.stdin.end();
    await gone;
    await until('the gate writes again', async () => (await gate.ops('/readyz')).status === 200, { limit: 20_000 });
  };
}
