// DokuWiki does not notice the gate, save that it learns who is there.
import assert from 'node:assert/strict';

import { until } from '../lib/journey.mjs';
import { arrive, fetched } from '../lib/pages.mjs';

export async function throughTheGate(journey, world) {
  const { wiki, anna } = world;
  const { page } = anna;
  const text = 'The kettle is on the second floor.';

  await journey.step('the page comes with all its pictures, styles and scripts', async () => {
    anna.browser.answers.length = 0;
    await page.goto(`${wiki}/doku.php?id=start`);
    await page.waitForLoadState('networkidle');
    // They are fetched when there is room for them, which may be after the page is loaded.
    const drawn = () => page.locator('#dokuwiki__content img').evaluateAll((images) => images.map((image) => image.naturalWidth));
    await until('the pictures are drawn', async () => (await drawn()).length > 0 && (await drawn()).every((width) => width > 0));
    const kinds = new Set(anna.browser.answers.map(({ kind }) => kind));
    for (const kind of ['document', 'stylesheet', 'script', 'image']) assert(kinds.has(kind), `a ${kind} was loaded`);
    // 304: the browser has it already, from the page before.
    const bad = anna.browser.answers.filter(({ status }) => status !== 200 && status !== 304);
    assert.deepEqual(bad, [], 'every answer is 200');
    return `${anna.browser.answers.length} answers`;
  });

  await journey.step('no link of the wiki leads around the gate', async () => {
    const links = await page.locator('a[href], link[href], script[src], img[src], form[action]')
      .evaluateAll((nodes) => nodes.map((node) => node.href || node.src || node.action));
    const astray = links.filter((link) => /^(https?|wss?):\/\/(localhost|127\.)/.test(link) && !link.startsWith(`${wiki}/`));
    assert.deepEqual(astray, []);
  });

  await journey.step('a page is written and saved', async () => {
    await page.goto(`${wiki}/doku.php?id=notes&do=edit`);
    await page.locator('#wiki__text').fill(`====== Notes ======\n\n${text}\n`);
    await page.locator('#edbtn__save').click();
    await arrive(page, /^\/doku\.php\?id=notes$/);
    assert.match(await page.locator('#dokuwiki__content').innerText(), new RegExp(text));
  });

  await journey.step('it is still there after a reload, under her name', async () => {
    await page.reload();
    assert.match(await page.locator('#dokuwiki__content').innerText(), new RegExp(text));
    assert.match(await page.locator('.docInfo').innerText(), /by anna@example\.com/);
  });

  await journey.step('a form of 300 kB arrives whole', async () => {
    const long = `====== Long ======\n\n${'All work and no play makes a dull wiki. '.repeat(7500)}\n\nThe end.\n`;
    await page.goto(`${wiki}/doku.php?id=long&do=edit`);
    await page.locator('#wiki__text').fill(long);
    await page.locator('#edbtn__save').click();
    await arrive(page, /^\/doku\.php\?id=long$/);
    const raw = await fetched(page, '/doku.php?id=long&do=export_raw');
    assert.equal(raw.text.trim(), long.trim());
  });

  await journey.step('neither console nor network had a complaint', async () => {
    assert.deepEqual(anna.browser.complaints.splice(0), []);
  });

  await journey.step('our cookies are out of reach of scripts, and never get to a portal', async () => {
    const ours = (await anna.browser.context.cookies(wiki)).filter(({ name }) => name.startsWith('__Host-vestibule'));
    assert(ours.some(({ name }) => name === '__Host-vestibule'), 'she has a session');
    for (const cookie of ours) {
      assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.sameSite, cookie.path, cookie.domain], [true, true, 'Lax', '/', 'localhost']);
    }
    assert.doesNotMatch(await page.evaluate(() => document.cookie), /vestibule/i);
    assert.deepEqual((await anna.browser.context.cookies()).filter(({ domain }) => domain !== 'localhost'), [], 'the other portal has none of them');
  });
}
