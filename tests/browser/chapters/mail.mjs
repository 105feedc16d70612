// Mail, by way of aiosmtpd over STARTTLS: Cora's invitation, her forgotten password, a notice, and *This was not me*.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { bindApp, downloadCodes, lastCode } from '../lib/enrol.mjs';
import { AT_ONCE, until, within } from '../lib/journey.mjs';
import { typeInto } from '../lib/keyboard.mjs';
import { arrive, enterCode, heading, logIn, press, send, signIn } from '../lib/pages.mjs';
import { DEEP } from './first-sign-in.mjs';

const PASSWORD = 'open sesame of the post office';

export async function mail(journey, world) {
  const { gate, browser, clock, wiki, children, ports, python, temp } = world;
  const cora = { login: 'cora@example.com', password: 'Otter-Kettle-52-Harbour' };
  const box = join(temp, 'mails.jsonl');
  // A line without its end is still being written.
  const mails = () => (existsSync(box) ? readFileSync(box, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line)) : []);
  const arrived = async (subject) => {
    const find = () => mails().findLast(({ headers }) => headers.subject.includes(subject));
    await until(`a mail "${subject}" arrives`, () => find() !== undefined);
    return find();
  };
  const linkIn = ({ text }) => text.match(/https:\S+\/\.vestibule\/\S+\/\S{43}/)[0];
  const person = await browser.person('cora');
  const page = await person.tab();

  await journey.step('a mail server runs, and the gate takes it over without a restart', async () => {
    const certs = join(gate.dir, 'certs');
    const script = fileURLToPath(new URL('../mail.py', import.meta.url));
    const args = ['-W', 'ignore', script, ports.mail, join(certs, 'portal.pem'), join(certs, 'portal.key'), PASSWORD, box];
    const server = spawn(python, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.add(server);
    await within(20_000, new Promise((resolve) => { server.stdout.once('data', resolve); }), 'aiosmtpd does not start');
    writeFileSync(join(gate.dir, 'mail.password'), `${PASSWORD}\n`, { mode: 0o600 });
    gate.configure([
      ['[mail]', 'smtp', `"smtp+starttls://gate@localhost:${ports.mail}"`],
      ['[mail]', 'password_file', '"mail.password"'],
      ['[mail]', 'from', '"portal@example.com"'],
      ['[mail]', 'ca_file', '"certs/portal.pem"'],
    ]);
    const { stderr } = await gate.cli('config', 'check', '--connect');
    assert.match(stderr, /mail server localhost:\d+ answers/);
    await until('page one takes a forgotten password', async () => {
      await page.goto(`${wiki}/.vestibule/forgot`);
      return (await page.locator('#login').count()) === 1;
    });
    await person.look(page, 'forgot');
  });

  await journey.step('vestibule user invite --mail: the link that is printed is the one that is mailed', async () => {
    const { stdout } = await gate.cli('user', 'invite', cora.login, '--name', 'Cora Example', '--mail');
    const invitation = await arrived('invitation');
    assert.deepEqual([invitation.to, invitation.encrypted], [[cora.login], true]);
    assert.equal(linkIn(invitation), stdout.trim());
    await page.goto(linkIn(invitation));
    await arrive(page, '/.vestibule/register');
    await page.locator('#new_password').fill(cora.password);
    await page.locator('#new_password_again').fill(cora.password);
    await send(page, 'Finish registration');
    await page.goto(wiki + DEEP);
    await logIn(page, cora.login, cora.password);
    cora.app = await bindApp(page, { browser: person, login: cora.login, clock, name: 'mail-setup' });
    await downloadCodes(page);
    await lastCode(page, cora.app, DEEP);
  });

  await journey.step('Forgot your password? A mail, its link, a new password; nobody is signed in by it', async () => {
    const elsewhere = await browser.person('cora-elsewhere');
    const other = await elsewhere.tab();
    await other.goto(`${wiki}/.vestibule/login`);
    await press(other, 'Forgot your password?');
    await arrive(other, '/.vestibule/forgot');
    await typeInto(other, [['#login', cora.login]]);
    assert.match(await heading(other), /mailbox/i);
    await elsewhere.look(other, 'forgot-sent');
    const reset = await arrived('new password');
    await other.goto(linkIn(reset));
    await arrive(other, '/.vestibule/reset');
    await elsewhere.look(other, 'reset');
    cora.password = 'Walrus-Compass-81-Orchard';
    await other.locator('#new_password').fill(cora.password);
    await other.locator('#new_password_again').fill(cora.password);
    await send(other, 'Set the new password');
    assert.match(await heading(other), /is set/i);
    await elsewhere.look(other, 'reset-done');
    await other.goto(wiki + DEEP);
    await arrive(other, /^\/\.vestibule\/login/);
    await until('she is signed out', () => page.goto(wiki + DEEP).then(() => page.url().includes('/.vestibule/login')), { limit: AT_ONCE });
    await other.goto(linkIn(reset));
    assert.match(await heading(other), /no longer works/i);
    await elsewhere.look(other, 'reset-gone');
    await arrived('was changed');
    assert.deepEqual(elsewhere.complaints.splice(0), []);
    await elsewhere.leave();
  });

  await journey.step('with the new password and a code from the same app she is in, and is told of the new browser', async () => {
    await signIn(page, wiki + DEEP, cora);
    const told = await arrived('New sign-in');
    assert.match(told.text, /Chrome on Linux/);
    assert.match(told.html, /This was not me/);
  });

  await journey.step('This was not me: a page, then a button, and the account is frozen until the operator enables it', async () => {
    await page.goto(linkIn(await arrived('New sign-in')));
    await arrive(page, '/.vestibule/not-me');
    await person.look(page, 'not-me');
    await send(page, 'Freeze my account');
    assert.match(await heading(page), /frozen/i);
    await person.look(page, 'not-me-done');
    await page.goto(linkIn(await arrived('New sign-in')));
    await person.look(page, 'not-me-gone');
    await until('she is signed out', () => page.goto(wiki + DEEP).then(() => page.url().includes('/.vestibule/login')), { limit: AT_ONCE });
    await gate.cli('user', 'enable', cora.login);
    await page.goto(wiki + DEEP);
    await logIn(page, cora.login, cora.password);
    await arrive(page, '/.vestibule/verify');
    await enterCode(page, cora.app.fresh(), 'Submit OTP code');
    await arrive(page, DEEP);
    person.complaints.splice(0);
    await person.leave();
  });
}
