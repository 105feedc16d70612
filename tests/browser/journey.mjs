// The journey of people and their operator through the gate, with the real programs around it: Chromium, oathtool, zbarimg,
// DokuWiki behind PHP, aiosmtpd. Each step is printed as it passes; the last line counts them.
//
//   node journey.mjs --binary target/debug/vestibule --out target/browser
//
// The binary must be built with `--features testing`. Pictures and logs go to --out, everything else to a temporary folder; with
// --tour docs/img the pictures of README are taken anew (needs pngquant).
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { account } from './chapters/account.mjs';
import { adminPages } from './chapters/admin.mjs';
import { crash } from './chapters/crash.mjs';
import { demo } from './chapters/demo.mjs';
import { ending, refusals } from './chapters/ending.mjs';
import { enrolment, invitation } from './chapters/first-sign-in.mjs';
import { busyDays, everybody } from './chapters/everybody.mjs';
import { handoff } from './chapters/handoff.mjs';
import { hostilePortal } from './chapters/hostile.mjs';
import { keyboard, keyboardAlone } from './chapters/keyboard.mjs';
import { lockOut } from './chapters/lockout.mjs';
import { mail } from './chapters/mail.mjs';
import { mobile } from './chapters/mobile.mjs';
import { operator } from './chapters/operator.mjs';
import { parked } from './chapters/parked.mjs';
import { recovery } from './chapters/recovery.mjs';
import { reset } from './chapters/reset.mjs';
import { secondBrowser } from './chapters/second-browser.mjs';
import { anotherBrand, notKept } from './chapters/seldom.mjs';
import { throughTheGate } from './chapters/wiki.mjs';
import { operatorActs, windowPasses } from './chapters/window.mjs';
import { withoutScript } from './chapters/without-script.mjs';
import { Browser } from './lib/browser.mjs';
import { Children, freePorts } from './lib/children.mjs';
import { Clock } from './lib/clock.mjs';
import { Gate } from './lib/gate.mjs';
import { indent, Journey } from './lib/journey.mjs';
import { Tour } from './lib/tour.mjs';

const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: 'target/debug/vestibule' },
    out: { type: 'string', default: 'target/browser' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    python: { type: 'string', default: 'target/mail-server/bin/python' },
    tour: { type: 'string' },
  },
});
const here = fileURLToPath(new URL('.', import.meta.url));
const out = resolve(options.out);
const pictures = join(out, 'pictures');
const temp = mkdtempSync(join(tmpdir(), 'vestibule-journey-'));
// Whatever the programs leave behind lies there too.
process.env.TMPDIR = temp;
const children = new Children();
const tour = options.tour && new Tour(resolve(options.tour));

process.on('exit', () => {
  children.endAll();
  rmSync(temp, { recursive: true, force: true });
});
for (const [signal, status] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.on(signal, () => {
    console.log(`\nended by ${signal}`);
    process.exit(status);
  });
}

for (const dir of [pictures, join(out, 'logs')]) {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
}
const log = (name) => join(out, 'logs', `${name}.log`);

const [https, http, ops, wikiPort, echoPort, demoPort, mailPort, adminPort] = await freePorts(8);
const clock = new Clock(join(temp, 'clock'));
const gate = new Gate({ binary: resolve(options.binary), dir: join(temp, 'gate'), log: log('gate'), clock, children });
mkdirSync(gate.dir);

const world = {
  gate,
  clock,
  children,
  browser: undefined,
  ports: { https, http, ops, wiki: wikiPort, echo: echoPort, demo: demoPort, mail: mailPort, admin: adminPort },
  temp,
  log,
  python: resolve(options.python),
  wiki: `https://localhost:${https}`,
  echo: `https://echo.localhost:${https}`,
  admin: `https://admin.localhost:${adminPort}`,
  anna: { login: 'anna@example.com', name: 'Anna Example', password: 'Gull-Teapot-47-Lantern' },
  ben: { login: 'ben@example.com', name: 'Ben Example', password: 'seven quiet herons on a jetty' },
};

const journey = new Journey({
  onFailure: async (name) => {
    for (const { file, address, said } of await world.browser?.evidence(name) ?? []) {
      console.log(indent(`${relative(out, file)}: ${address}\n  ${said}`, 8));
    }
    console.log(indent(`--- the end of the gate's log\n${gate.tail()}\n---`, 8));
  },
});

await journey.chapter('An operator sets it up', async () => {
  await journey.step('DokuWiki runs behind PHP, and so does a portal with sockets', async () => {
    world.wikiServer = await children.server(join(here, 'dokuwiki.sh'), [join(temp, 'wiki'), wikiPort], { log: log('dokuwiki'), port: wikiPort });
    await children.server(process.execPath, [join(here, 'echo.mjs'), echoPort], { log: log('echo'), port: echoPort });
  });
  await operator(journey, world);
  await journey.step('Chromium starts', async () => {
    world.browser = await Browser.start({ executable: options.chromium, pin: gate.certificatePin(), pictures, tour });
  });
});

const up = ['An operator sets it up'];
const enrolled = ['Her first sign-in'];
await journey.chapter('Anna is invited', () => invitation(journey, world), { needs: up });
await journey.chapter('Her first sign-in', () => enrolment(journey, world), { needs: ['Anna is invited'] });
await journey.chapter('The wiki behind the gate', () => throughTheGate(journey, world), { needs: enrolled });
await journey.chapter('A second browser', () => secondBrowser(journey, world), { needs: enrolled });
await journey.chapter('The window passes', () => windowPasses(journey, world), { needs: ['The wiki behind the gate'] });
await journey.chapter('The operator acts', () => operatorActs(journey, world), { needs: ['The window passes'] });
await journey.chapter('A crash', () => crash(journey, world), { needs: ['The operator acts'] });
await journey.chapter('What she wrote waits', () => parked(journey, world), { needs: ['A crash'] });
await journey.chapter('Only the keyboard', () => keyboard(journey, world), { needs: enrolled });
await journey.chapter('Never a mouse', () => keyboardAlone(journey, world), { needs: up });
await journey.chapter('The portal is taken over', () => hostilePortal(journey, world), { needs: enrolled });
await journey.chapter('Her account', () => account(journey, world), { needs: enrolled });
await journey.chapter('The phone is lost', () => recovery(journey, world), { needs: enrolled });
await journey.chapter('Without scripts', () => withoutScript(journey, world), { needs: up });
await journey.chapter('Locked out', () => lockOut(journey, world), { needs: ['Without scripts'] });
await journey.chapter('A new phone from the operator', () => reset(journey, world), { needs: ['Without scripts'] });
await journey.chapter('Mail', () => mail(journey, world), { needs: up });
await journey.chapter('The admin pages', () => adminPages(journey, world), { needs: enrolled });
await journey.chapter('What cannot be kept', () => notKept(journey, world), { needs: ['Without scripts'] });
await journey.chapter('Another brand', () => anotherBrand(journey, world), { needs: ['Without scripts'] });
await journey.chapter('A host for our pages', () => handoff(journey, world), { needs: ['Without scripts'] });
await journey.chapter('The demo', () => demo(journey, world), { needs: up });
await journey.chapter('Refusals', () => refusals(journey, world), { needs: enrolled });
// It moves the clock by three days: nobody's session is needed any more.
await journey.chapter('Texts', () => mobile(journey, world), { needs: ['Mail'] });
await journey.chapter('For everybody', () => everybody(journey, world), { needs: ['Without scripts'] });
if (tour) await journey.chapter('The tour', () => busyDays(journey, world), { needs: ['The admin pages', 'Without scripts'] });
await journey.chapter('The end', () => ending(journey, world), { needs: up });

await world.browser?.stop().catch(() => undefined);
journey.summary();
process.exit(journey.failed === 0 ? 0 : 1);
