// Somebody who has read one line of the README: one command, a browser, a phone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { bindApp, downloadCodes } from '../lib/enrol.mjs';
import { until, within } from '../lib/journey.mjs';
import { arrive, enterCode, heading, logIn, press, send } from '../lib/pages.mjs';

export async function demo(journey, world) {
  const { gate, browser, children, clock, ports, log } = world;
  const cleo = { login: 'admin@example.com', password: 'Quarry-Pelican-93-Dusk' };
  const lines = [];
  let program;
  // What the terminal shows in place of what people would be sent.
  const shown = async (pattern) => {
    const found = () => readFileSync(log('demo'), 'utf8').match(pattern);
    await until(`the terminal shows ${pattern}`, () => Boolean(found()));
    return found()[1];
  };

  await journey.step('vestibule demo prints two addresses', async () => {
    const errors = openSync(log('demo'), 'a');
    program = spawn(gate.binary, ['demo', '--port', String(ports.demo)], { env: gate.env, cwd: world.temp, stdio: ['ignore', 'pipe', errors] });
    closeSync(errors);
    children.add(program);
    const reader = createInterface({ input: program.stdout });
    await within(20_000, new Promise((resolve, reject) => {
      reader.on('line', (line) => { if (lines.push(line) === 2) resolve(); });
      program.once('exit', (code) => reject(new Error(`it ended with ${code}; see ${log('demo')}`)));
    }), 'two lines');
    assert.match(lines[0], new RegExp(`^Portal: https://localhost:${ports.demo}/?$`));
    assert.match(lines[1], new RegExp(`^Registration: https://localhost:${ports.demo}/\\.vestibule/register/\\S+$`));
  });

  await journey.step('five minutes later somebody stands in the sample portal', async () => {
    // Its certificate was made on the spot: what a person would click away.
    const person = await browser.person('cleo', { ignoreHTTPSErrors: true });
    const page = await person.tab();
    await page.goto(lines[1].replace('Registration: ', ''));
    for (const field of ['#new_password', '#new_password_again']) await page.locator(field).fill(cleo.password);
    await send(page, 'Finish registration');
    await press(page, 'Log in');
    await logIn(page, cleo.login, cleo.password);
    const app = await bindApp(page, { browser: person, login: cleo.login, clock, name: 'demo-setup' });
    await downloadCodes(page);
    await send(page, 'Next');
    await arrive(page, '/.vestibule/setup/mobile');
    await page.locator('#mobile').fill('+1 203-555-0142');
    await send(page, 'Confirm recovery mobile');
    await enterCode(page, await shown(/a text to \+12035550142[^]*?#(\d{6})/), 'Confirm');
    await arrive(page, '/.vestibule/verify');
    await enterCode(page, app.fresh(), 'Verify');
    await arrive(page, '/');
    assert(await heading(page));
    assert.match(await page.locator('body').innerText(), new RegExp(cleo.login));
    await person.look(page, 'demo-portal');
    await page.goto(`https://localhost:${ports.demo}/.vestibule/`);
    await arrive(page, '/.vestibule/account');
    assert.deepEqual(person.complaints.splice(0), []);
    await person.leave();
  });

  await journey.step('a mail that would be sent is shown on the terminal, and its link works', async () => {
    const person = await browser.person('cleo-elsewhere', { ignoreHTTPSErrors: true });
    const page = await person.tab();
    await page.goto(`https://localhost:${ports.demo}/.vestibule/forgot`);
    await page.locator('#login').fill(cleo.login);
    await send(page, 'Send the link');
    const link = await shown(new RegExp(`a mail to ${cleo.login}[^]*?(https://localhost:${ports.demo}/\\.vestibule/reset/\\S{43})`));
    await page.goto(link);
    await arrive(page, '/.vestibule/reset');
    assert.match(readFileSync(log('demo'), 'utf8'), /Demo: a mail to admin@example\.com\. It was shown here and sent to nobody\./);
    assert.deepEqual(person.complaints.splice(0), []);
    await person.leave();
  });

  await journey.step('SIGTERM ends it with exit 0, and nothing more was printed', async () => {
    const gone = new Promise((resolve) => { program.once('exit', (code, signal) => resolve(code ?? signal)); });
    program.kill('SIGTERM');
    assert.equal(await within(20_000, gone, 'the end of the demo'), 0);
    assert.equal(lines.length, 2);
  });
}
