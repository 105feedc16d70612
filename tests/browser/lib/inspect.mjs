// What somebody needs who sees little, has no mouse or zooms in, judged on every page that the journey looks at: axe-core, a walk
// with the Tab key, and the width of the page. What is found is kept, so that one run tells all of it.
import { createRequire } from 'node:module';

const axe = createRequire(import.meta.url)('axe-core');

const RULES = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  rules: { 'target-size': { enabled: true } },
  resultTypes: ['violations', 'incomplete'],
  elementRef: false,
};
const CONTRAST = { runOnly: { type: 'rule', values: ['color-contrast'] }, resultTypes: ['violations', 'incomplete'] };
// Widths at which nothing may have to be scrolled sideways: a small phone, a phone, and a window of 1280 at 200 %.
const REFLOW = [[320, 1], [390, 1], [640, 2]];
const MOST_STOPS = 250;

export class Inspector {
  constructor() {
    this.findings = [];
    this.undecided = new Set();
    this.looked = new Set();
    this.known = new Set();
  }

  found(name, how, text) {
    const finding = `${name} (${how}): ${text}`;
    if (!this.findings.includes(finding)) this.findings.push(finding);
  }

  // A page as it stands; nothing if one of the same build was inspected before and `again` is not asked for.
  async open(page, name, { again = false } = {}) {
    this.looked.add(name);
    const build = await page.evaluate(() => [...document.querySelectorAll('*')]
      .map(({ localName, attributes }) => [localName, ...[...attributes].map((own) => (/^(id|class|type|role)$/.test(own.name) ? own.value : own.name))].join(' ')).join('\n'));
    if (this.known.has(build) && !again) return undefined;
    this.known.add(build);
    return Examination.of(this, page, name);
  }

  // Whether the page finds room; leaves the window at the last width.
  async reflow(page, name) {
    const session = await page.context().newCDPSession(page);
    for (const [width, deviceScaleFactor] of REFLOW) {
      await session.send('Emulation.setDeviceMetricsOverride', { width, height: 700, deviceScaleFactor, mobile: false });
      const over = await page.locator('html').evaluate((root) => root.scrollWidth - root.clientWidth);
      if (over > 0) this.found(name, `${width} px`, `is ${over} px too wide`);
    }
    await session.send('Emulation.clearDeviceMetricsOverride');
    await session.detach();
  }
}

// One page under axe. It runs in a world of its own, which shares the page's elements and nothing else: our policy for scripts
// stays as strict as it is.
class Examination {
  static async of(inspector, page, name) {
    const session = await page.context().newCDPSession(page);
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' });
    const examination = new Examination(inspector, page, name, session, executionContextId);
    // A page without scripts has no timers, which axe takes its breath by; in this world they are its own.
    await examination.#run('setTimeout = (act, pause = 0) => { if (!pause) Promise.resolve().then(act); return 0; }; void 0');
    await examination.#run(`${axe.source}\n; void 0`);
    return examination;
  }

  constructor(inspector, page, name, session, contextId) {
    Object.assign(this, { inspector, page, name, session, contextId });
  }

  async #run(expression) {
    const { result, exceptionDetails } = await this.session.send('Runtime.evaluate', {
      expression, contextId: this.contextId, awaitPromise: true, returnByValue: true,
    });
    if (exceptionDetails) throw new Error(`axe: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return result.value;
  }

  // At this width and in this scheme: everything, or the colours alone.
  async judge(how, { everything }) {
    const { violations, incomplete } = await this.#run(`axe.run(document, ${JSON.stringify(everything ? RULES : CONTRAST)})`);
    for (const { id, help, nodes } of violations) {
      for (const { target, html, any, all, none } of nodes) {
        const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
        this.inspector.found(this.name, how, `${id}: ${help}: ${target.join(' ')}\n  ${html.slice(0, 160)}\n  ${why}`);
      }
    }
    for (const { id, nodes } of incomplete) for (const { target } of nodes) this.inspector.undecided.add(`${id}: ${target.join(' ')}`);
    if (everything) for (const complaint of await walk(this.page)) this.inspector.found(this.name, how, complaint);
  }

  async close() {
    await this.session.detach();
  }
}

// Tab from the top of the page to its end: what is wrong with where it stops, and with how that looks.
async function walk(page) {
  const stood = await page.evaluateHandle(() => document.activeElement);
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus({ preventScroll: true });
    document.body.removeAttribute('tabindex');
    document.activeElement?.blur();
  });
  const complaints = [];
  const visited = [];
  for (let presses = 0; presses < MOST_STOPS; presses += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluateHandle(() => document.activeElement);
    const same = visited.length > 0 && await stop.evaluate((here, before) => here === before, visited.at(-1));
    // A field for a date has stops within.
    if (same) continue;
    const over = await stop.evaluate((here, first) => here === document.body || here === first, visited[0] ?? null);
    if (over) break;
    complaints.push(...await stop.evaluate(judgeStop, visited.at(-1) ?? null));
    visited.push(stop);
  }
  complaints.push(...await page.evaluate(neverReached, visited));
  await stood.evaluate((element) => (element === document.body ? document.activeElement?.blur() : element.focus({ preventScroll: true })));
  await page.evaluate(() => scrollTo(0, 0));
  for (const handle of [stood, ...visited]) await handle.dispose();
  return complaints;
}

// Runs in the page: a stop of the Tab key.
function judgeStop(element, before) {
  const name = `${element.localName}${element.id && `#${element.id}`} "${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 30)}"`;
  const complaints = [];
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = numbers(colour).map((channel) => (channel / 255 <= 0.04045 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (from) => {
    for (let here = from; here; here = here.parentElement) {
      const colour = getComputedStyle(here).backgroundColor;
      if ((numbers(colour)[3] ?? 1) > 0.99) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const style = getComputedStyle(element);
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) {
    complaints.push(`the focus on ${name} cannot be seen: outline ${style.outlineWidth} ${style.outlineStyle}`);
  } else {
    const behind = ground(parseFloat(style.outlineOffset) < 0 ? element : element.parentElement);
    const ratio = contrast(style.outlineColor, behind);
    if (ratio < 3) complaints.push(`the ring on ${name} has a contrast of ${ratio.toFixed(2)}: ${style.outlineColor} on ${behind}`);
  }
  const box = element.getBoundingClientRect();
  if (box.width < 1 || box.height < 1) complaints.push(`${name} has the focus and no size`);
  if (box.bottom <= 0 || box.top >= innerHeight) complaints.push(`${name} has the focus out of sight`);
  if (before && !(before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING)) complaints.push(`Tab leads backwards to ${name}`);
  return complaints;
}

// Runs in the page: what can be pressed or filled in, and Tab never led there.
function neverReached(visited) {
  const all = document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary');
  return [...all].filter((element) => !element.disabled && element.checkVisibility() && !visited.includes(element))
    .map((element) => `Tab never leads to ${element.outerHTML.slice(0, 120)}`);
}
