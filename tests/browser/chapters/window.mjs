// The reauthorization window: it holds for what is open already, for scripts and for sockets, and loses nobody's place.
import assert from 'node:assert/strict';

import { AT_ONCE, until } from '../lib/journey.mjs';
import { arrive, enterCode, fetched, heading, signIn } from '../lib/pages.mjs';

const HOUR = 3600;
const DAY = 24 * HOUR;

export async function windowPasses(journey, world) {
  const { clock, wiki, echo, anna } = world;
  const { page } = anna;
  const place = '/doku.php?id=notes';
  const wikiSession = async () => (await anna.browser.context.cookies(wiki)).find(({ name }) => name === 'DokuWiki')?.value;
  let before;
  anna.echo = await anna.browser.tab();

  await journey.step('she opens a WebSocket and an event stream in a second portal', async () => {
    await signIn(anna.echo, `${echo}/`, anna);
    assert.equal(await anna.echo.evaluate(() => window.openSocket()), 'open');
    await anna.echo.evaluate(() => window.socket.send('hello'));
    await until('the echo', () => anna.echo.evaluate(() => window.heard.includes('hello')));
    assert.equal(await anna.echo.evaluate(() => window.openEvents()), 200);
    await until('events', () => anna.echo.evaluate(() => window.ticks > 2));
  });

  await journey.step('that portal is told who she is, and nothing of our cookies', async () => {
    const headers = JSON.parse((await fetched(anna.echo, '/headers')).text);
    assert.equal(headers['x-forwarded-user'], anna.login);
    assert.equal(headers['x-forwarded-groups'], 'staff');
    assert.equal(headers['x-forwarded-preferred-username'], anna.name);
    assert.equal(headers['x-forwarded-proto'], 'https');
    assert.equal(headers.host, new URL(echo).host);
    assert.doesNotMatch(headers.cookie ?? '', /vestibule/i);
  });

  await journey.step('most of the window passes, and all goes on', async () => {
    await page.goto(wiki + place);
    before = await wikiSession();
    assert(before, 'the wiki keeps a session of its own');
    clock.move(29 * DAY);
    await page.goto(wiki + place);
    await arrive(page, place);
    const ticks = await anna.echo.evaluate(() => window.ticks);
    await until('more events', () => anna.echo.evaluate((before) => window.ticks > before + 5, ticks));
    assert.equal(await anna.echo.locator('#state').innerText(), 'open');
  });

  await journey.step('the window passes: socket and stream end at once', async () => {
    const moved = Date.now();
    clock.move(DAY + 60);
    await until('socket and stream end', () => anna.echo.evaluate(() => window.closedAt.socket > 0 && window.closedAt.events > 0), { every: 25 });
    const { socket, events } = await anna.echo.evaluate(() => window.closedAt);
    const took = [socket - moved, events - moved];
    assert(Math.max(...took) <= AT_ONCE, `socket after ${took[0]} ms, stream after ${took[1]} ms`);
    return `socket after ${took[0]} ms, stream after ${took[1]} ms`;
  });

  await journey.step('a script in an open page is told to ask for a code', async () => {
    const answer = await fetched(page, '/doku.php?id=notes&do=export_raw');
    assert.equal(answer.status, 401);
    assert.equal(answer['vestibule-required'], 'code');
    assert.match(answer['content-type'], /^application\/problem\+json/);
    assert.match(answer['www-authenticate'], /^Vestibule/);
    const problem = JSON.parse(answer.text);
    assert.equal(problem.status, 401);
    assert.equal(problem.required, 'code');
    assert.equal(problem.request_id, answer['x-request-id']);
    assert.doesNotMatch(answer.text, /kettle/);
  });

  await journey.step('the next navigation meets the confirm page, which says why', async () => {
    await page.bringToFront();
    await page.goto(wiki + place);
    await arrive(page, /^\/\.vestibule\/verify/);
    assert.match(await page.locator('main').innerText(), /every 30 days/);
    assert.match(await page.locator('main').innerText(), /doku\.php\?id=notes/, 'and where she goes next');
    await anna.browser.look(page, 'confirm');
  });

  await journey.step('a fresh code leads back to where she was, and the wiki knows her still', async () => {
    anna.usedCode = anna.app.fresh();
    await enterCode(page, anna.usedCode, 'Verify');
    await arrive(page, place);
    assert.match(await page.locator('#dokuwiki__content').innerText(), /kettle/);
    assert.equal(await wikiSession(), before);
  });

  await journey.step('the other portal asks for itself, and its socket opens again', async () => {
    await anna.echo.bringToFront();
    await anna.echo.reload();
    await arrive(anna.echo, /^\/\.vestibule\/verify/);
    await enterCode(anna.echo, anna.app.fresh(), 'Verify');
    await arrive(anna.echo, '/');
    assert.equal(await anna.echo.evaluate(() => window.openSocket()), 'open');
  });

  await journey.step('no complaint but those that were to come', async () => {
    const unexpected = anna.browser.complaints.splice(0).filter(({ at, text }) => !at.startsWith(echo) || !/ERR_INCOMPLETE|ERR_HTTP2|WebSocket/.test(text));
    assert.deepEqual(unexpected, []);
  });
}

export async function operatorActs(journey, world) {
  const { gate, clock, wiki, echo, anna } = world;
  const { page } = anna;
  const place = '/doku.php?id=notes';
  const asked = () => fetched(page, place).then((answer) => answer['vestibule-required']);

  await journey.step('two hours later nothing is asked for', async () => {
    clock.move(2 * HOUR);
    await page.bringToFront();
    await page.goto(wiki + place);
    await arrive(page, place);
    assert.equal(await anna.echo.locator('#state').innerText(), 'open');
  });

  await journey.step('settings set reauth-window 1h bites at once', async () => {
    await gate.cli('settings', 'set', 'reauth-window', '1h');
    const took = await until('the shorter window', async () => await asked() === 'code', { limit: AT_ONCE });
    const { stdout } = await gate.cli('settings', 'get', 'reauth-window');
    assert.match(stdout, /1h/);
    return `after ${took} ms`;
  });

  await journey.step('the socket that was open ends too', async () => {
    await until('the socket ends', () => anna.echo.evaluate(() => window.socket.readyState === WebSocket.CLOSED), { limit: AT_ONCE });
  });

  await journey.step('the confirm page names the new window', async () => {
    await page.goto(wiki + place);
    await arrive(page, /^\/\.vestibule\/verify/);
    assert.match(await page.locator('main').innerText(), /every hour/);
    await enterCode(page, anna.app.fresh(), 'Verify');
    await arrive(page, place);
  });

  await journey.step('settings unset gives the long window back', async () => {
    await gate.cli('settings', 'unset', 'reauth-window');
    clock.move(2 * HOUR);
    await until('the long window', async () => await asked() === null, { limit: AT_ONCE });
  });

  await journey.step('session list shows her sessions, without their tokens', async () => {
    const sessions = await gate.json('session', 'list', '--user', anna.login);
    assert(sessions.length >= 2, `${sessions.length} sessions`);
    const keys = ['id', 'login', 'portal', 'created', 'last_seen', 'code_at', 'window_left', 'client', 'agent'];
    for (const session of sessions) for (const key of keys) assert(key in session, `the key ${key}`);
    const tokens = [...await anna.browser.context.cookies(wiki), ...await anna.browser.context.cookies(echo)].map(({ value }) => value);
    for (const token of tokens) assert(!JSON.stringify(sessions).includes(token));
  });

  await journey.step('session end --user ends them at once', async () => {
    await gate.cli('session', 'end', '--user', anna.login);
    const took = await until('she is signed out', async () => await asked() === 'login', { limit: AT_ONCE });
    await page.goto(wiki + place);
    await arrive(page, /^\/\.vestibule\/login/);
    assert.match(await heading(page), /sign in/i);
    return `after ${took} ms`;
  });

  await journey.step('she signs in again', async () => {
    await anna.echo.close();
    await signIn(page, wiki + place, anna);
    anna.browser.complaints.length = 0;
  });
}
