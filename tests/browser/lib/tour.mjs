// The pictures of README's tour, taken on the way: small, sharp, and the same from run to run but for codes and dates.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

// What is looked at, the picture of it, the window's width, and the part that is shown if it is not the whole page.
const PICTURES = {
  login: { file: 'sign-in', width: 520 },
  verify: { file: 'code', width: 520 },
  setup: { file: 'wizard', width: 520, from: '#scan', to: '.key' },
  'account-codes-made': { file: 'recovery-codes', width: 520 },
  confirm: { file: 'confirm', width: 520 },
  parked: { file: 'parked', width: 520 },
  'account-page': { file: 'account', width: 520 },
  'tour-overview': { file: 'admin', width: 1080, until: '#latency' },
};
const MARGIN = 20;
const LARGEST = 60 * 1024;

export class Tour {
  constructor(dir) {
    this.dir = dir;
    this.taken = [];
    mkdirSync(dir, { recursive: true });
    execFileSync('pngquant', ['--version'], { stdio: 'ignore' });
  }

  get missing() {
    return Object.entries(PICTURES).filter(([name]) => !this.taken.includes(name)).map(([, { file }]) => file);
  }

  async take(page, name) {
    const picture = PICTURES[name];
    if (!picture || this.taken.includes(name)) return;
    this.taken.push(name);
    const before = page.viewportSize();
    const names = await page.evaluateHandle(plainNames);
    const session = await page.context().newCDPSession(page);
    const path = join(this.dir, `${picture.file}.png`);
    await session.send('Emulation.setDeviceMetricsOverride', { width: picture.width, height: 200, deviceScaleFactor: 2, mobile: false });
    const clip = await page.evaluate(partOf, { ...picture, margin: MARGIN });
    await session.send('Emulation.setDeviceMetricsOverride', { width: picture.width, height: Math.ceil(clip.y + clip.height), deviceScaleFactor: 2, mobile: false });
    const { data } = await session.send('Page.captureScreenshot', { format: 'png', clip: { ...clip, scale: 1 }, captureBeyondViewport: true });
    execFileSync('pngquant', ['--quality=50-90', '--speed=1', '--strip', '--force', '--output', path, '-'], { input: Buffer.from(data, 'base64') });
    await session.send('Emulation.clearDeviceMetricsOverride');
    await session.detach();
    await names.evaluate((undo) => undo());
    await page.setViewportSize({ width: 321, height: 700 });
    await page.setViewportSize(before);
    const { size } = statSync(path);
    if (size > LARGEST) throw new Error(`${path} has ${size} bytes`);
  }
}

// Runs in the page. Ports are chosen anew for each run; a picture should not tell them.
function plainNames() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const changed = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data;
    node.data = text.replace(/https?:\/\/127\.0\.0\.1:\d+/g, 'http://10.0.0.7:8081').replace(/(echo\.)?localhost:\d+/g, (_, echo) => (echo ? 'chat.example.com' : 'portal.example.com'));
    if (node.data !== text) changed.push([node, text]);
  }
  return () => { for (const [node, text] of changed) node.data = text; };
}

// Runs in the page: the rectangle to show.
function partOf({ width, from, to, until, margin }) {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const top = from ? box(from).top + scrollY - margin : 0;
  const end = document.querySelector('footer')?.getBoundingClientRect().bottom ?? document.querySelector('main').getBoundingClientRect().bottom;
  const bottom = to ? box(to).bottom : until ? box(until).top - margin : end;
  return { x: 0, y: top, width, height: bottom + scrollY + margin - top };
}
