// Chromium, with a person's eyes: windows that remember what went wrong in them, and pictures in every width and colour.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { Inspector } from './inspect.mjs';

const QUIET = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];
const WIDTHS = [1280, 390];
const SCHEMES = ['light', 'dark'];

export class Browser {
  static async start({ executable, pin, pictures, tour }) {
    const chrome = await chromium.launch({
      executablePath: executable,
      args: [...QUIET, `--ignore-certificate-errors-spki-list=${pin}`],
      timeout: 30_000,
    });
    return new Browser(chrome, { pictures, tour });
  }

  constructor(chrome, { pictures, tour }) {
    this.chrome = chrome;
    this.pictures = pictures;
    this.tour = tour;
    this.inspector = new Inspector();
    this.windows = [];
  }

  // A browser of its own: no cookie is shared with another.
  async person(name, options = {}) {
    const context = await this.chrome.newContext({
      viewport: { width: 1280, height: 900 },
      colorScheme: 'light',
      acceptDownloads: true,
      locale: 'en-GB',
      ...options,
    });
    context.setDefaultTimeout(20_000);
    context.setDefaultNavigationTimeout(30_000);
    const person = new Person(name, context, this);
    this.windows.push(person);
    return person;
  }

  // What every open window shows, for the report of a failure.
  async evidence(name) {
    const kept = [];
    const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 60);
    for (const person of this.windows) {
      for (const [index, page] of person.context.pages().entries()) {
        const file = join(this.pictures, `failed-${slug}-${person.name}-${index}.png`);
        try {
          await page.screenshot({ path: file, fullPage: true, timeout: 5000 });
          kept.push({ file, address: page.url(), said: await saidBy(page) });
        } catch { /* a page that cannot be shown is no reason to lose the others */ }
      }
    }
    return kept;
  }

  async stop() {
    await this.chrome.close();
  }
}

// Somebody at one browser.
export class Person {
  constructor(name, context, { pictures, inspector, tour }) {
    this.name = name;
    this.context = context;
    this.pictures = pictures;
    this.inspector = inspector;
    this.tour = tour;
    this.answers = [];
    this.complaints = [];
    context.on('response', (response) => {
      this.answers.push({ url: response.url(), status: response.status(), kind: response.request().resourceType() });
    });
    context.on('requestfailed', (request) => {
      // What a page gives up when it is left: the wiki's draft, a download that takes the place of a page.
      if (request.failure()?.errorText === 'net::ERR_ABORTED') return;
      this.complaints.push({ at: request.url(), text: `request failed: ${request.failure()?.errorText}` });
    });
    context.on('weberror', (error) => {
      this.complaints.push({ at: error.page()?.url() ?? '', text: `uncaught: ${error.error().message}` });
    });
    context.on('console', (message) => {
      // The status of an answer is judged where it is expected; the console only repeats it.
      if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
      this.complaints.push({ at: message.page()?.url() ?? '', text: message.text() });
    });
  }

  async tab() {
    return this.context.newPage();
  }

  async leave() {
    await this.context.close();
  }

  // Pictures of the page as it stands, in each width and colour, each of them inspected.
  async look(page, name, { again = false } = {}) {
    const shots = [];
    const examination = await this.inspector.open(page, name, { again });
    const before = page.viewportSize();
    for (const scheme of SCHEMES) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: width < 500 ? 844 : 900 });
        const path = join(this.pictures, `${name}-${width}-${scheme}.png`);
        await page.screenshot({ path, fullPage: true, animations: 'disabled' });
        shots.push(path);
        // Each width and each scheme once as a whole.
        const everything = (width === WIDTHS[0]) === (scheme === SCHEMES[0]);
        await examination?.judge(`${width} px, ${scheme}`, { everything });
      }
    }
    await examination?.close();
    await page.emulateMedia({ colorScheme: 'light' });
    await this.inspector.reflow(page, name);
    await page.setViewportSize({ width: 321, height: 700 });
    await page.setViewportSize(before);
    await this.tour?.take(page, name);
    return shots;
  }

  // One sheet of paper, as a picture and as PDF; the words that are on it.
  async print(page, name) {
    await page.emulateMedia({ media: 'print' });
    await page.screenshot({ path: join(this.pictures, `${name}-print.png`), fullPage: true });
    const paper = await page.locator('body').innerText();
    await page.emulateMedia({ media: 'screen' });
    const pdf = await page.pdf({ path: join(this.pictures, `${name}.pdf`), format: 'A4' });
    const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length;
    assert.equal(sheets, 1, `${name} takes ${sheets} sheets`);
    return paper;
  }
}

// The QR code in a picture, as a phone's camera reads it.
export function readQr(picture) {
  const text = execFileSync('zbarimg', ['--quiet', '--raw', '-S*.enable=0', '-Sqrcode.enable=1', picture], {
    encoding: 'utf8',
    timeout: 20_000,
    // On its standard error it complains of a message bus that a test machine does not have.
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text.trim();
}

// The first lines that a page says, for reports and for looking for words.
export async function saidBy(page) {
  const text = await page.locator('body').innerText({ timeout: 2000 }).catch(() => '(nothing)');
  return text.replace(/\s+/g, ' ').slice(0, 200);
}
