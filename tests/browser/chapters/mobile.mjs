// Texts, by way of a gateway that checks what Twilio checks: Dora binds a mobile in the wizard, changes it, and recovers by text and mail.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { bindApp, downloadCodes } from '../lib/enrol.mjs';
import { AT_ONCE, until } from '../lib/journey.mjs';
import { errorGetsFocus, typeInto } from '../lib/keyboard.mjs';
import { arrive, enterCode, heading, logIn, press, send } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

const ACCOUNT = 'AC0123456789abcdef0123456789abcdef';
const TOKEN = 'open sesame of the telephone exchange';

// Twilio's Messages API, as far as it is used: who asks, and every field of the form.
function exchange(texts, line) {
  return createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      const fields = new URLSearchParams(body);
      const said = Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64');
      if (line.down) return response.writeHead(500).end();
      const refuse = (status, code) => response.writeHead(status).end(JSON.stringify({ code }));
      if (request.headers.authorization !== `Basic ${said}`) return refuse(401, 20003);
      if (request.method !== 'POST' || request.url !== `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`) return refuse(404, 20404);
      if (request.headers['content-type'] !== 'application/x-www-form-urlencoded') return refuse(400, 21604);
      if ([...fields.keys()].sort().join() !== 'Body,From,To' || !/^\+\d+$/.test(fields.get('To'))) return refuse(400, 21604);
      texts.push({ to: fields.get('To'), text: fields.get('Body') });
      return response.writeHead(201).end(JSON.stringify({ sid: 'SM1' }));
    });
  });
}

export async function mobile(journey, world) {
  const { gate, browser, clock, wiki, temp } = world;
  const dora = { login: 'dora@example.com', password: 'Magpie-Anchor-63-Velvet' };
  const texts = [];
  const line = { down: false };
  const server = exchange(texts, line);
  const code = async (number) => {
    await until('a text arrives', () => texts.length >= number);
    assert.equal(texts.length, number);
    return texts.at(-1).text.match(/\n\n@localhost #(\d{6})$/)[1];
  };
  const person = await browser.person('dora');
  const page = await person.tab();

  await journey.step('an SMS gateway runs, and the gate takes it over without a restart', async () => {
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    server.unref();
    writeFileSync(join(gate.dir, 'twilio.token'), `${TOKEN}\n`, { mode: 0o600 });
    await gate.reconfigure([
      ['[sms]', 'provider', '"twilio"'],
      ['[sms]', 'countries', '["1", "44"]'],
      ['[sms]', 'account', `"${ACCOUNT}"`],
      ['[sms]', 'token_file', '"twilio.token"'],
      ['[sms]', 'from', '"+12035550100"'],
      ['[sms]', 'api', `"http://127.0.0.1:${server.address().port}"`],
    ]);
    await gate.cli('config', 'check');
  });

  await journey.step('the wizard has a step for a mobile', async () => {
    const { stdout } = await gate.cli('user', 'invite', dora.login, '--name', 'Dora Example');
    await page.goto(stdout.trim());
    await arrive(page, '/.vestibule/register');
    await page.locator('#new_password').fill(dora.password);
    await page.locator('#new_password_again').fill(dora.password);
    await send(page, 'Finish registration');
    await page.goto(wiki + DEEP);
    await logIn(page, dora.login, dora.password);
    dora.app = await bindApp(page, { browser: person, login: dora.login, clock, name: 'mobile-setup' });
    await downloadCodes(page);
    await send(page, 'Next');
    await arrive(page, '/.vestibule/setup/mobile');
    await person.look(page, 'mobile');
    await typeInto(page, [['#mobile', '12']]);
    await errorGetsFocus(page);
    await person.look(page, 'mobile-refused');
    line.down = true;
    await page.locator('#mobile').fill('+1 203-555-0123');
    assert.equal((await send(page, 'Confirm recovery mobile')).status(), 502, 'the gateway is dead');
    assert.match(await page.locator('main').innerText(), /We could not send the text/);
    await person.look(page, 'mobile-away');
    line.down = false;
    await typeInto(page, [['#mobile', '+1 203-555-0123']]);
    await person.look(page, 'mobile-code');
    await typeInto(page, [['#code', await code(1)]]);
    assert.equal(texts[0].to, '+12035550123');
    await arrive(page, '/.vestibule/verify');
    await enterCode(page, dora.app.fresh(), 'Verify');
    await arrive(page, DEEP);
  });

  await journey.step('another number on the account page; the old one is told', async () => {
    await page.goto(`${wiki}/.vestibule/account/mobile`);
    await person.look(page, 'account-mobile');
    await page.getByLabel('Mobile number').fill('+44 7400 123456');
    await page.getByLabel('Password').fill(dora.password);
    await enterCode(page, dora.app.fresh(), 'Confirm recovery mobile');
    await enterCode(page, await code(2), 'Confirm');
    await arrive(page, /^\/\.vestibule\/account\?done=mobile/);
    assert.match(await page.locator('main').innerText(), /Ends in 56/);
    await until('the old number is told', () => texts.length === 3);
    assert.equal(texts[2].to, '+12035550123');
  });

  const box = join(temp, 'mails.jsonl');
  // A line without its end is still being written.
  const mails = () => (existsSync(box) ? readFileSync(box, 'utf8').split('\n').slice(0, -1).map((text) => JSON.parse(text)) : []);
  const recoveryMails = () => mails().filter(({ to, headers }) => to.includes(dora.login) && /Recover your account/.test(headers.subject));
  const recoveryLink = () => recoveryMails().at(-1).text.match(/https:\S+\/\.vestibule\/recover\/\S{43}/)[0];

  await journey.step('recovery may have to wait, so that she can say no: the page says until when', async () => {
    clock.move(73 * 3600);
    await gate.reconfigure([['[mfa]', 'sms_recovery_delay', '"2d"']]);
    const waits = await browser.person('dora-waits');
    const other = await waits.tab();
    await other.goto(wiki + DEEP);
    await logIn(other, dora.login, dora.password);
    await arrive(other, '/.vestibule/verify');
    await press(other, 'Start recovery');
    await arrive(other, '/.vestibule/recover');
    await send(other, 'Text me a code');
    const texted = await code(4);
    await until('the mail arrives', () => recoveryMails().length === 1);
    await page.goto(recoveryLink());
    await send(page, 'Yes, it is me');
    await enterCode(other, texted, 'Confirm');
    assert.match(await other.locator('main').innerText(), /recovery waits until/);
    await waits.look(other, 'recover-waiting');
    await until('the number is told', () => texts.length === 5);
    await gate.reconfigure([['[mfa]', 'sms_recovery_delay', '"off"']]);
    await waits.leave();
  });

  await journey.step('recovery by text and mail: everything of the old phone is dead', async () => {
    const elsewhere = await browser.person('dora-elsewhere');
    const other = await elsewhere.tab();
    await other.goto(wiki + DEEP);
    await logIn(other, dora.login, dora.password);
    await arrive(other, '/.vestibule/verify');
    await press(other, 'Start recovery');
    await arrive(other, '/.vestibule/recover');
    await elsewhere.look(other, 'recover-both');
    await send(other, 'Text me a code');
    const texted = await code(6);
    await elsewhere.look(other, 'recover-text');
    await enterCode(other, texted, 'Confirm');
    await elsewhere.look(other, 'recover-text-right');
    await until('the mail arrives', () => recoveryMails().length === 2);
    await page.goto(recoveryLink());
    await arrive(page, '/.vestibule/recover/mail');
    await person.look(page, 'recover-mail');
    await send(page, 'Yes, it is me');
    assert.match(await heading(page), /Thank you/);
    await person.look(page, 'recover-mail-done');
    await page.goto(recoveryLink());
    await person.look(page, 'recover-mail-gone');
    await send(other, 'Go on');
    // Until the new app is bound she is half-way: elsewhere her password alone leads to what helps, and no further.
    const third = await browser.person('dora-half-way');
    const lost = await third.tab();
    await lost.goto(wiki + DEEP);
    await logIn(lost, dora.login, dora.password);
    await arrive(lost, '/.vestibule/recover');
    assert.match(await lost.locator('main').innerText(), /no new authenticator app was set up/);
    await third.look(lost, 'recover-half');
    await third.leave();
    dora.app = await bindApp(other, { browser: elsewhere, login: dora.login, clock, name: 'mobile-again' });
    await until('she is signed out', () => page.goto(wiki + DEEP).then(() => page.url().includes('/.vestibule/login')), { limit: AT_ONCE });
    await elsewhere.leave();
    person.complaints.splice(0);
    await person.leave();
  });

  await journey.step('without [sms] nobody is asked for a mobile any more', async () => {
    await gate.reconfigure([['[sms]', 'provider', '"off"'], ['[sms]', 'account', '""'], ['[sms]', 'token_file', '""'],
      ['[sms]', 'from', '""'], ['[sms]', 'api', '"https://api.twilio.com"']]);
    await gate.cli('config', 'check');
    server.close();
  });
}
