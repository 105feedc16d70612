// For everybody: what the inspection of all pages has found, whether it has seen them all, and what no single page shows: weight,
// languages, and brands that were not chosen for being readable.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Inspector } from '../lib/inspect.mjs';
import { until } from '../lib/journey.mjs';
import { send, signIn } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

const LOGIN = '/.vestibule/login';
const TEMPLATES = new URL('../../../src/pages/templates/', import.meta.url);
const LIGHT = 30 * 1024;
const ACCENTS = ['#ffff00', '#000000', '#777777'];
const LANGUAGES = ['Deutsch', 'Français', 'Español', 'Português'];
const OWN_PAGES = ['account', 'account/password', 'account/mfa', 'account/codes', 'account/sessions', 'logout', 'verify', 'parked'];
const ADMIN_PAGES = ['admin', 'admin/accounts', 'admin/accounts/invite', 'admin/settings', 'admin/audit'];

// Where each template was looked at.
const SEEN = {
  'account.html': 'account', 'account_codes.html': 'account-codes', 'account_mfa.html': 'account-mfa', 'account_mobile.html': 'account-mobile',
  'account_password.html': 'account-password', 'account_sessions.html': 'account-sessions', 'codes.html': 'codes', 'confirm.html': 'confirm',
  'enrol.html': 'enrol', 'error.html': 'not-found', 'forgot.html': 'forgot', 'forgot_ask.html': 'forgot-ask', 'forgot_sent.html': 'forgot-sent',
  'handoff.html': 'handoff', 'link_done.html': 'link-done', 'locked.html': 'locked', 'login.html': 'login', 'logout.html': 'logout', 'mobile.html': 'mobile',
  'mobile_code.html': 'mobile-code', 'new_link.html': 'new-link', 'not_me.html': 'not-me', 'not_me_done.html': 'not-me-done',
  'not_me_gone.html': 'not-me-gone', 'parked.html': 'parked', 'popup.html': 'popup-done', 'recover.html': 'recover',
  'recover_half.html': 'recover-half', 'recover_mail.html': 'recover-mail', 'recover_mail_done.html': 'recover-mail-done', 'recover_mail_gone.html': 'recover-mail-gone',
  'recover_text.html': 'recover-text', 'register.html': 'register', 'registered.html': 'registered', 'reset.html': 'reset',
  'reset_done.html': 'reset-done', 'reset_gone.html': 'reset-gone', 'setup.html': 'setup', 'setup_start.html': 'setup-start', 'verify.html': 'verify',
  'admin/account.html': 'admin-account', 'admin/accounts.html': 'admin-accounts', 'admin/audit.html': 'admin-audit', 'admin/invite.html': 'admin-invite',
  'admin/overview.html': 'admin-overview', 'admin/page.html': 'admin-overview', 'admin/settings.html': 'admin-settings',
};

export async function everybody(journey, world) {
  const { browser, wiki, admin } = world;
  const { inspector } = browser;

  await journey.check('the sign-in page is light, and brings nothing from elsewhere', async () => {
    const person = await browser.person('newcomer');
    const page = await person.tab();
    const requests = [];
    page.on('requestfinished', (request) => requests.push(request));
    await page.goto(wiki + LOGIN);
    await page.waitForLoadState('networkidle');
    const elsewhere = requests.map((request) => request.url()).filter((url) => !url.startsWith(`${wiki}/.vestibule/`) && !url.startsWith('data:'));
    assert.deepEqual(elsewhere, []);
    const sizes = await Promise.all(requests.filter((request) => !request.url().startsWith('data:')).map((request) => request.sizes()));
    const bytes = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
    assert(sizes.length >= 4 && bytes > 5000, `${sizes.length} answers, ${bytes} bytes`);
    assert(bytes <= LIGHT, `${bytes} bytes`);
    await person.leave();
    return `${sizes.length} answers, ${(bytes / 1024).toFixed(1)} KiB`;
  });

  await journey.check('it is there before its script is', async () => {
    const person = await browser.person('slow-line');
    const page = await person.tab();
    let asked = false;
    await page.route('**/assets/script-*', () => { asked = true; });
    await page.goto(wiki + LOGIN, { waitUntil: 'commit' });
    await until('something is painted', () => page.evaluate(() => performance.getEntriesByName('first-contentful-paint').length === 1));
    // It is painted while it is read, too.
    await until('all is there but its script', () => page.evaluate(() => document.readyState === 'interactive'));
    assert(await page.locator('#login').isVisible());
    await until('the script is asked for', () => asked);
    assert.equal(await page.evaluate(() => document.readyState), 'interactive', 'the page still waits for its script');
    await person.leave();
  });

  await journey.check('in no language does a page grow too wide', async () => {
    const person = await browser.person('polyglot');
    const page = await person.tab();
    await signIn(page, wiki + DEEP, world.ben);
    for (const language of LANGUAGES) {
      await page.goto(`${wiki}/.vestibule/account`);
      await send(page, language);
      for (const path of OWN_PAGES) {
        await page.goto(`${wiki}/.vestibule/${path}`);
        await inspector.reflow(page, `${path} (${language})`);
      }
    }
    await person.leave();
  });

  await journey.check('from right to left nothing grows too wide or leaves the page', async () => {
    const person = await browser.person('reader-from-the-right');
    const page = await person.tab();
    for (const path of ['login', 'forgot', 'nowhere']) await fromTheRight(person, page, `${wiki}/.vestibule/${path}`, path);
    await signIn(page, wiki + DEEP, world.ben);
    for (const path of OWN_PAGES) await fromTheRight(person, page, `${wiki}/.vestibule/${path}`, path);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.evaluate(() => { document.querySelector('h1').style.marginInlineStart = '-4rem'; });
    assert.notDeepEqual(await page.evaluate(outside), [], 'what leaves the page would be seen');
    await person.leave();
  });

  await journey.check('nor do the admin pages', async () => {
    const person = await browser.person('admin-from-the-right');
    const page = await person.tab();
    await signIn(page, `${admin}/.vestibule/admin`, world.boss);
    for (const path of ADMIN_PAGES) await fromTheRight(person, page, `${admin}/.vestibule/${path}`, path);
    await page.goto(`${admin}/.vestibule/admin/accounts`);
    const somebody = await page.locator('tbody a').first().getAttribute('href');
    await fromTheRight(person, page, new URL(somebody, admin).href, 'admin/account');
    await person.leave();
  });

  await journey.check('whatever colour the brand has, everything can be read', async () => {
    const person = await browser.person('painter');
    const page = await person.tab();
    await signIn(page, wiki + DEEP, world.ben);
    const accent = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent'));
    for (const colour of ACCENTS) {
      await page.goto(`${wiki}/.vestibule/account`);
      const before = await accent();
      world.gate.configure([['[brand]', 'accent', `"${colour}"`]]);
      await until(`the brand is ${colour}`, () => page.reload().then(accent).then((now) => now !== before));
      for (const path of ['account/sessions', 'verify']) {
        await page.goto(`${wiki}/.vestibule/${path}`);
        await person.look(page, `accent-${colour.slice(1)}-${path.replace('/', '-')}`, { again: true });
      }
    }
    world.gate.configure([['[brand]', 'accent', '"#1f6feb"']]);
    await person.leave();
  });

  await journey.check('the inspection would find what is wrong', async () => {
    const wrong = [/label: /, /color-contrast: /, /cannot be seen/, /has a contrast of 1\./, /Tab never leads to/, /320 px.*too wide/, /640 px.*too wide/];
    let found = '';
    // A window that Chromium takes for one in the background shows no ring at all: then another one is opened.
    for (let windows = 0; windows < 3 && !wrong.every((finding) => finding.test(found)); windows += 1) {
      const person = await browser.person(`vandal-${windows}`);
      const page = await person.tab();
      await page.goto(wiki + LOGIN);
      await page.evaluate(() => {
        document.querySelector('label').remove();
        document.querySelector('h1').style.color = '#ccc';
        document.querySelector('#password').style.outline = 'none';
        document.querySelector('#login').style.outlineColor = '#eee';
        document.querySelector('button').tabIndex = -1;
        document.querySelector('form').style.width = '900px';
      });
      await page.bringToFront();
      person.inspector = new Inspector();
      await person.look(page, 'damaged');
      found = person.inspector.findings.join('\n');
      await person.leave();
    }
    for (const finding of wrong) assert.match(found, finding);
  });

  await journey.check('every page was looked at', async () => {
    const files = readdirSync(TEMPLATES, { recursive: true }).filter((file) => file.endsWith('.html')
      && /\{% extends /.test(readFileSync(new URL(file, TEMPLATES), 'utf8')));
    // That one leads on by itself before anybody could look.
    const unseen = files.filter((file) => file !== 'onward.html' && !inspector.looked.has(SEEN[file]));
    assert.deepEqual(unseen, [], 'nobody has looked at these');
    return `${files.length} templates, ${inspector.looked.size} pages`;
  });

  await journey.check('and none keeps anybody out', async () => {
    // What axe leaves to human eyes stands in a log.
    writeFileSync(world.log('undecided'), `${[...inspector.undecided].join('\n')}\n`);
    assert.equal(inspector.findings.length, 0, `${inspector.findings.length} findings:\n${inspector.findings.join('\n')}`);
    return `${inspector.known.size} of them different, ${inspector.undecided.size} places left to human eyes`;
  });
}

// A page as it would stand in Arabic or Hebrew, everything unfolded.
async function fromTheRight(person, page, address, name) {
  await page.goto(address);
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl';
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  for (const width of [1280, 320, 390]) {
    await page.setViewportSize({ width, height: 844 });
    assert.deepEqual(await page.evaluate(outside), [], `${name}, ${width} px`);
  }
  await page.screenshot({ path: join(person.pictures, `rtl-${name.replaceAll('/', '-')}-390-light.png`), fullPage: true, animations: 'disabled' });
  await page.setViewportSize({ width: 1280, height: 900 });
}

// Runs in the page: what can be seen and is not within the page, however far one scrolls. What scrolls in a box of its own is.
function outside() {
  const root = document.documentElement;
  const scrolls = (element) => {
    for (let here = element; here; here = here.parentElement) if (/auto|scroll|hidden/.test(getComputedStyle(here).overflowX)) return true;
    return false;
  };
  const lost = [...document.body.querySelectorAll('*')].filter((element) => element.checkVisibility() && !scrolls(element)).filter((element) => {
    const { left, right, width } = element.getBoundingClientRect();
    return width > 1 && (left < -0.5 || right > root.clientWidth + 0.5);
  });
  const wide = root.scrollWidth > root.clientWidth ? [`the page is ${root.scrollWidth - root.clientWidth} px too wide`] : [];
  return [...wide, ...lost.map((element) => element.outerHTML.slice(0, 100))];
}

// A month of work at the portal, so that the overview's plots have something to show; only for README's pictures.
export async function busyDays(journey, world) {
  const { browser, clock, wiki, admin, ben } = world;

  await journey.step('people come and go for some days', async () => {
    for (const visits of [2, 1, 3, 2, 4, 0, 1, 2]) {
      clock.move(24 * 3600);
      for (let visit = 0; visit < visits; visit += 1) {
        const person = await browser.person(`visitor-${visit}`);
        await signIn(await person.tab(), wiki + DEEP, ben);
        await person.leave();
      }
    }
  });

  await journey.step('the overview tells of it', async () => {
    const person = await browser.person('boss');
    const page = await person.tab();
    await signIn(page, `${admin}/.vestibule/admin`, world.boss);
    await person.look(page, 'tour-overview');
    assert.deepEqual(browser.tour.missing, []);
    await person.leave();
  });
}
