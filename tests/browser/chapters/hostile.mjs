// The second portal has been taken over: its scripts run on an origin that our pages share. They may sign its people out and park
// their forms; they must read nothing of ours and change nothing else.
import assert from 'node:assert/strict';

import { until } from '../lib/journey.mjs';
import { arrive, enterCode, press, signIn } from '../lib/pages.mjs';

const PAGES = [
  '', '/', '/login', '/verify', '/verify?popup=1', '/register', '/enrol', '/setup', '/setup/codes', '/setup/mobile', '/recover',
  '/recover/mail', '/forgot', '/reset', '/not-me', '/parked', '/account', '/account/password', '/account/mfa', '/account/mfa/enable',
  '/account/codes', '/account/codes/save', '/account/mobile', '/account/mobile/confirm', '/account/sessions', '/logout', '/admin',
].map((page) => `/.vestibule${page}`);

// What only a page of ours says.
const OURS = /<form|<input|form_token|name="code"|name="password"|otpauth:|anna@example\.com/i;
const COOKIE = /^__Host-vestibule/;

// What a portal may say of windows: whether any of it brings ours within reach.
const OPENER_POLICIES = [
  '', 'unsafe-none', 'same-origin', 'same-origin; report-to="x"', 'same-origin-allow-popups', 'noopener-allow-popups', 'restrict-properties',
];

export async function hostilePortal(journey, world) {
  const { gate, browser, echo, anna } = world;
  const victim = await browser.person('anna-at-the-hostile-portal');
  const page = await victim.tab();
  const at = (...headers) => `${echo}/hostile/page?${new URLSearchParams(headers.map((header) => ['h', header]))}`;
  const ours = async () => (await victim.context.cookies(echo)).filter(({ name }) => COOKIE.test(name)).map(({ name, value }) => `${name}=${value}`).sort();
  // Failures of strangers from before are written down now and then.
  const records = async () => (await gate.json('audit', '--user', anna.login)).filter(({ actor, action }) => actor !== 'anonymous' && !/^session\.list/.test(action)).length;
  const sessions = async () => (await gate.json('session', 'list', '--user', anna.login)).map(({ id, code_at: code }) => `${id} ${code}`).sort();
  // Asked from a window of its own, which nothing that was done to the page can reach.
  const inside = async () => {
    const tab = await victim.tab();
    await tab.goto(at());
    const status = await tab.evaluate(async () => (await fetch('/.vestibule/state', { cache: 'no-store' })).status).catch(() => 0);
    await tab.close();
    return status === 204;
  };
  let before;
  const nothingHasChanged = async () => {
    const now = { cookies: await ours(), records: await records(), sessions: await sessions() };
    assert.deepEqual(now, before);
    assert(await inside(), 'she is still signed in');
  };

  await journey.step('Anna is signed in at a portal that has been taken over', async () => {
    await signIn(page, at(), anna);
    assert(await inside());
    before = { cookies: await ours(), records: await records(), sessions: await sessions() };
  });

  await journey.check('no page of ours is read by fetch, in any mode, method or disguise', async () => {
    const answers = await page.evaluate(async (paths) => {
      const ways = [];
      for (const mode of ['cors', 'same-origin', 'no-cors']) for (const redirect of ['follow', 'manual']) ways.push({ mode, redirect });
      for (const method of ['POST', 'HEAD', 'PUT', 'OPTIONS', 'DELETE']) ways.push({ method });
      ways.push({ method: 'POST', body: new URLSearchParams({ code: '123456', login: 'x', password: 'x' }) });
      ways.push({ headers: { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-User': '?1', Accept: 'text/html' } });
      ways.push({ headers: { Accept: 'text/html', 'Upgrade-Insecure-Requests': '1', Purpose: 'prefetch' }, cache: 'force-cache' });
      const all = [];
      for (const path of paths) {
        for (const init of ways) {
          try {
            const answer = await fetch(path, init);
            all.push({ path, init, status: answer.status, type: answer.type, text: await answer.text() });
          } catch (error) {
            all.push({ path, init, status: 0, type: 'error', text: String(error) });
          }
        }
      }
      return all;
    }, PAGES);
    for (const { path, init, status, text } of answers) {
      assert([0, 400, 403, 404, 405].includes(status), `${path} ${JSON.stringify(init)}: ${status}`);
      assert.doesNotMatch(text, OURS, `${path} ${JSON.stringify(init)}`);
      assert.doesNotMatch(text, /<html/i, path);
    }
    await nothingHasChanged();
    return `${answers.length} answers`;
  });

  await journey.check('nor by anything else that loads: elements, workers, sockets, beacons, modules, caches', async () => {
    const heard = await page.evaluate(async (paths) => {
      const got = [];
      const settled = (object, good = 'load', bad = 'error', patience = 3000) => new Promise((resolve) => {
        object.addEventListener(good, (event) => resolve(event.data ?? good), { once: true });
        object.addEventListener(bad, () => resolve(bad), { once: true });
        setTimeout(() => resolve('silence'), patience);
      });
      const element = async (tag, attributes) => {
        const node = Object.assign(document.createElement(tag), attributes);
        const done = settled(node, tag === 'video' ? 'loadeddata' : 'load');
        document.body.append(node);
        const how = await done;
        node.remove();
        return how;
      };
      const cache = await caches.open('hostile');
      for (const path of paths) {
        for (const [tag, attributes] of [
          ['script', { src: path }], ['script', { src: path, type: 'module' }], ['img', { src: path }], ['video', { src: path }],
          ['link', { rel: 'stylesheet', href: path }],
        ]) got.push([path, tag, await element(tag, attributes)]);
        got.push([path, 'xhr', await new Promise((resolve) => {
          const request = new XMLHttpRequest();
          request.responseType = 'document';
          request.onloadend = () => resolve(request.responseXML ? 'document' : `${request.status}`);
          request.open('GET', path);
          request.send();
        })]);
        got.push([path, 'import', await import(path).then(() => 'load', () => 'error')]);
        got.push([path, 'cache', await cache.add(path).then(() => 'load', () => 'error')]);
        navigator.sendBeacon(path, new URLSearchParams({ code: '123456' }));
      }
      for (const path of paths.slice(0, 8)) {
        got.push([path, 'worker', await settled(new Worker(path), 'message')]);
        got.push([path, 'socket', await settled(new WebSocket(`wss://${location.host}${path}`), 'open')]);
        got.push([path, 'events', await settled(new EventSource(path), 'open')]);
      }
      const worker = new Worker('/hostile/worker.js');
      const shared = new SharedWorker('/hostile/worker.js').port;
      shared.start();
      for (const [name, port] of [['worker', worker], ['shared worker', shared]]) {
        for (const path of paths) {
          port.postMessage({ path });
          // These always say what came.
          const { status, text } = await settled(port, 'message', 'error', 30_000);
          got.push([path, `fetch of a ${name}`, status, text]);
        }
      }
      return got;
    }, PAGES);
    for (const [path, how, came, text = ''] of heard) {
      assert(['error', 'silence', 0, 403, 404, 405, '403', '404', '405', '0'].includes(came), `${path} by ${how}: ${came}`);
      assert.doesNotMatch(text, OURS, `${path} by ${how}`);
    }
    await nothingHasChanged();
    return `${heard.length} tries`;
  });

  await journey.check('no frame shows more than the way out of it', async () => {
    const shown = await page.evaluate(async (paths) => {
      const got = [];
      for (const path of paths) {
        for (const make of [
          () => Object.assign(document.createElement('iframe'), { src: path }),
          () => Object.assign(document.createElement('iframe'), { srcdoc: `<meta http-equiv=refresh content="0;url=${path}">` }),
          () => Object.assign(document.createElement('iframe'), { credentialless: true, src: path }),
          () => Object.assign(document.createElement('object'), { data: path }),
          () => Object.assign(document.createElement('embed'), { src: path }),
        ]) {
          const frame = make();
          const loaded = new Promise((resolve) => {
            frame.onload = frame.onerror = resolve;
            setTimeout(resolve, 400);
          });
          document.body.append(frame);
          await loaded;
          if (frame.srcdoc) await new Promise((resolve) => { frame.onload = resolve; setTimeout(resolve, 400); });
          let text = '';
          try {
            text = frame.contentDocument?.documentElement?.outerHTML ?? '';
          } catch { /* out of reach is what is wanted */ }
          got.push([path, frame.tagName, text]);
          frame.remove();
        }
      }
      return got;
    }, PAGES);
    for (const [path, tag, text] of shown) {
      assert.doesNotMatch(text, /<input|form_token|name="code"|name="password"|otpauth:|anna@example\.com/i, `${path} in ${tag}: ${text}`);
    }
    assert(shown.some(([, tag, text]) => tag === 'IFRAME' && /verify/.test(text)), 'or this shows nothing');
    await nothingHasChanged();
  });

  for (const policy of OPENER_POLICIES) {
    await journey.check(`no window of ours is within reach of one that says ${policy || 'nothing'} of its openers`, async () => {
      const headers = policy ? [`Cross-Origin-Opener-Policy: ${policy}`] : [];
      const embedders = [[], ['Cross-Origin-Embedder-Policy: require-corp'], ['Document-Isolation-Policy: isolate-and-require-corp']];
      for (const more of policy === 'same-origin' ? embedders : [[]]) {
        await page.goto(at(...headers, ...more));
        await windowsAreOutOfReach(victim, page);
      }
      await nothingHasChanged();
    });
  }

  await journey.check('forms that its scripts send to our pages do nothing', async () => {
    await page.goto(at());
    const fields = {
      code: '123456', login: anna.login, password: 'not her password', new_password: 'Mallory-Was-Here-1', new_password_again: 'Mallory-Was-Here-1',
      to: '/', act: 'next', saved: 'on', mobile: '+441632960001', form_token: '1.aaaa', id: '00000000-0000-0000-0000-000000000000',
    };
    const signIns = /^\/\.vestibule\/(login|forgot)/;
    for (const path of PAGES.filter((path) => !signIns.test(path))) {
      const enctype = 'application/x-www-form-urlencoded';
      for (const without of path.length % 2 ? [''] : ['form_token']) {
        await page.evaluate(({ path, fields, enctype, without }) => {
          const form = Object.assign(document.createElement('form'), { method: 'post', action: path, enctype, target: '_blank' });
          for (const [name, value] of Object.entries(fields)) {
            if (name !== without) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
          }
          document.body.append(form);
          form.submit();
          form.remove();
        }, { path, fields, enctype, without });
        const popup = await until('the answer', async () => victim.context.pages().length > 1).then(() => victim.context.pages().at(-1));
        await popup.waitForLoadState();
        await popup.close();
        await until('it is closed', async () => victim.context.pages().length === 1);
      }
    }
    await nothingHasChanged();
  });

  await journey.check('no service worker of its own gets between her and our pages', async () => {
    await page.goto(at());
    const registered = await page.evaluate(async () => {
      const tries = [
        ['/hostile/sw.js', { scope: '/' }], ['/hostile/sw.js', { scope: '/.vestibule/' }], ['/hostile/sw.js', {}],
        ['/hostile/sw.js', { scope: '/', type: 'module', updateViaCache: 'all' }], ['/.vestibule/assets/script.js', { scope: '/.vestibule/' }],
      ];
      const got = [];
      for (const [script, options] of tries) {
        got.push(await navigator.serviceWorker.register(script, options).then(() => `registered ${script}`, (error) => error.name));
      }
      return { got, left: (await navigator.serviceWorker.getRegistrations()).length };
    });
    for (const outcome of registered.got) assert.match(outcome, /^(TypeError|SecurityError)$/);
    assert.equal(registered.left, 0);
    await nothingHasChanged();
  });

  await journey.check('what it caches, prefetches, prerenders or says of addresses changes nothing that our pages show', async () => {
    await page.goto(at());
    await page.evaluate(async (paths) => {
      const cache = await caches.open('hostile');
      for (const path of paths) await cache.put(path, new Response('<title>owned</title>', { headers: { 'content-type': 'text/html' } }));
      for (const path of paths) for (const rel of ['prefetch', 'prerender', 'preload', 'dns-prefetch']) {
        document.head.append(Object.assign(document.createElement('link'), { rel, as: 'document', href: path }));
      }
      const rules = Object.assign(document.createElement('script'), { type: 'speculationrules' });
      rules.textContent = JSON.stringify({ prefetch: [{ urls: paths.slice(1, 6), eagerness: 'immediate' }], prerender: [{ urls: paths.slice(6, 9), eagerness: 'immediate' }] });
      document.head.append(rules);
      document.head.insertAdjacentHTML('afterbegin', '<base href="https://evil.example/"><meta name="referrer" content="unsafe-url">');
      await new Promise((resolve) => { setTimeout(resolve, 500); });
    }, PAGES);
    await nothingHasChanged();
    await page.goto(`${echo}/.vestibule/account`);
    assert.match(await page.locator('main').innerText(), /anna@example\.com/, 'the page itself');
    assert.deepEqual(await page.evaluate(() => [document.baseURI === location.href, performance.getEntriesByType('navigation')[0].transferSize > 0]), [true, true]);
    await page.goBack();
  });

  await journey.check('its headers sign nobody out and set none of our cookies', async () => {
    const cookies = ['__Host-vestibule=evil; Secure; Path=/', '__Host-vestibule-pending=evil; Secure; Path=/', '__host-VESTIBULE=evil; Secure; Path=/', '=__Host-vestibule=evil; Path=/; Secure'];
    await page.goto(at(...cookies.map((cookie) => `Set-Cookie: ${cookie}`), 'Set-Cookie: theirs=1'));
    for (const clears of ['"cookies"', '*', '"storage", "cookies"', '"cache"', '"executionContexts"']) await page.goto(at(`Clear-Site-Data: ${clears}`));
    await page.goto(at('Refresh: 0;url=/.vestibule/logout'));
    await arrive(page, '/.vestibule/logout');
    await page.goto(at('Content-Security-Policy: sandbox allow-scripts allow-forms'));
    await page.goto(at());
    assert.match(await page.evaluate(() => document.cookie), /theirs=1/, 'or this shows nothing');
    await nothingHasChanged();
  });

  await journey.check('nor do its scripts write over our cookies', async () => {
    await page.goto(at());
    await page.evaluate(() => {
      for (const name of ['__Host-vestibule', '__Host-vestibule-device', '__host-vestibule', '=__Host-vestibule', ' __Host-vestibule', '\u00a0__Host-vestibule']) {
        for (const more of ['; Secure; Path=/', '; Secure; Path=/; Max-Age=0', '; Secure; Path=/.vestibule', '; Path=/', `; Secure; Path=/; Domain=${location.hostname}`]) {
          document.cookie = `${name}=evil${more}`;
        }
      }
    });
    const now = await ours();
    assert.deepEqual(now.filter((cookie) => !cookie.endsWith('=evil')), before.cookies);
    assert.deepEqual(now.filter((cookie) => /^__Host-vestibule=/.test(cookie)), before.cookies.filter((cookie) => /^__Host-vestibule=/.test(cookie)));
    assert(await inside());
    await page.evaluate(() => { for (const cookie of document.cookie.split('; ')) document.cookie = `${cookie.split('=')[0]}=; Max-Age=0; Secure; Path=/`; });
  });

  await journey.check('who listens while she enters a code hears that she did, and nothing else', async () => {
    await page.goto(at());
    await page.evaluate(() => {
      window.overheard = [];
      for (const name of ['vestibule', 'vestibule-code', '*', '']) new BroadcastChannel(name).onmessage = (event) => window.overheard.push(event.data);
      addEventListener('storage', (event) => window.overheard.push(`${event.key}=${event.newValue}`));
      addEventListener('message', (event) => window.overheard.push(event.data));
      localStorage.setItem('__proto__', 'hostile');
    });
    const popup = await victim.tab();
    await popup.goto(`${echo}/.vestibule/verify?popup=1`);
    await enterCode(popup, anna.app.fresh(), 'Verify');
    await arrive(popup, '/.vestibule/verify?popup=done');
    assert.deepEqual(await popup.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage), window.name]), [['__proto__'], [], '']);
    await popup.close();
    await until('it is heard', () => page.evaluate(() => window.overheard.length > 0));
    assert.deepEqual(await page.evaluate(() => window.overheard), ['confirmed']);
    const addresses = await page.evaluate(() => window.navigation?.entries().map(({ url }) => url).join(' ') ?? '');
    assert.doesNotMatch(addresses, /(register|enrol|reset|not-me|recover)\/[\w-]{20}|code=|form_token/);
    before = { cookies: await ours(), records: await records(), sessions: await sessions() };
  });

  const flood = (count, length) => page.evaluate(({ count, length }) => {
    for (let number = 0; number < count; number += 1) document.cookie = `flood-${number}=${'x'.repeat(length)}; Secure; Path=/`;
  }, { count, length });
  const mine = async () => (await victim.context.cookies(echo)).filter(({ name }) => name === '__Host-vestibule');

  await journey.check('a cookie jar that it fills to the brim signs her out at most, and she can sign in again', async () => {
    await page.goto(at());
    await flood(600, 1);
    const thrownOut = (await mine()).length === 0;
    // Where ours was pushed out there is room for a script's own: one that was made up is nobody's.
    if (!thrownOut) await victim.context.clearCookies({ name: '__Host-vestibule' });
    await page.evaluate(() => { document.cookie = `__Host-vestibule=${'A'.repeat(43)}; Secure; Path=/`; });
    assert.equal(await inside(), false, 'nobody is taken for her');
    // Half as many fit into a request.
    await victim.context.clearCookies({ name: /^flood-[1-4]?\d\d$/ });
    await victim.context.clearCookies({ name: /^flood-5[0-3]\d$/ });
    assert.equal(await inside(), false);
    await signIn(page, at('X-Again: 1'), anna);
    assert(await inside());
    assert.deepEqual((await mine()).map(({ httpOnly, value }) => [httpOnly, value.startsWith('AAAA')]), [[true, false]], 'the cookie is ours again');
    return thrownOut ? 'her session was pushed out' : 'her session was still there';
  });

  await journey.check('so large that no request fits: refused, with nothing of ours shown', async () => {
    await page.goto(at());
    await flood(100, 3900);
    const answer = await page.evaluate(() => fetch('/hostile/page').then(async (got) => [got.status, await got.text()], () => [0, '']));
    assert([0, 400, 401, 431].includes(answer[0]), `${answer}`);
    assert.doesNotMatch(answer[1], OURS);
    await victim.context.clearCookies({ name: /^flood/ });
    if (!await inside()) await signIn(page, at('X-Again: 2'), anna);
    assert(await inside(), 'when they are gone, all is as before');
  });

  await journey.step('Sign out takes away what it has stored', async () => {
    await page.goto(at());
    await page.evaluate(async () => {
      localStorage.setItem('planted', '1');
      await (await caches.open('planted')).put('/.vestibule/login', new Response('planted'));
    });
    await page.goto(`${echo}/.vestibule/logout`);
    await press(page, 'Sign out');
    await arrive(page, /^\/\.vestibule\/login/);
    assert.deepEqual(await page.evaluate(async () => [Object.keys(localStorage), await caches.keys()]), [[], []]);
    await victim.leave();
  });
}

// Opens each page of ours in every way that a script has, and tries to get at it while it loads and afterwards.
async function windowsAreOutOfReach(victim, page) {
  for (const path of ['/.vestibule/account', '/.vestibule/nowhere']) {
    const seen = await page.evaluate(async (target) => {
      const look = (other) => {
        try {
          if (other.closed) return '';
          return other.location.pathname.startsWith('/.vestibule') ? other.document.documentElement.outerHTML : '';
        } catch {
          return '';
        }
      };
      const got = [];
      const watch = async (other) => {
        for (let turn = 0; turn < 15; turn += 1) {
          got.push(look(other));
          await new Promise((resolve) => { setTimeout(resolve, 20); });
        }
      };
      const direct = open(target, 'direct');
      await watch(direct);
      const blank = open('about:blank', 'blank');
      blank.location = target;
      await watch(blank);
      const named = open('/hostile/page', 'named');
      await watch(named);
      Object.assign(document.body.appendChild(document.createElement('a')), { href: target, target: 'named' }).click();
      await watch(named);
      for (const other of [direct, blank, named]) other?.close();
      return got.filter(Boolean);
    }, path);
    assert.deepEqual(seen.map((html) => html.slice(0, 200)), [], `${path} was read`);
    // A window that stays behind looks at its opener, which goes to one of our pages.
    await page.evaluate(() => { open(location.href, 'behind'); });
    // Looked for by its address: of a window opened before the browser may tell only now.
    const find = () => victim.context.pages().find((other) => other !== page && other.url() === page.url());
    await until('the window behind is there', () => find() !== undefined);
    const behind = find();
    await behind.waitForLoadState();
    const place = page.url();
    await page.goto(new URL(path, place).href);
    const read = await behind.evaluate(() => {
      try {
        return opener?.document?.documentElement?.outerHTML ?? '';
      } catch {
        return '';
      }
    });
    assert.doesNotMatch(read, OURS, `${path} was read from behind`);
    for (const other of victim.context.pages()) if (other !== page) await other.close();
    await page.goto(place);
  }
}
