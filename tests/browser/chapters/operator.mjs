// An operator puts the gate in front of two portals that run already.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 144 36" width="144" height="36">
<path d="M4 6h28a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H16l-8 7v-7H4a4 4 0 0 1-4-4V10a4 4 0 0 1 4-4z" fill="#0b7a4b"/>
<text x="46" y="26" font-family="sans-serif" font-size="24" font-weight="700" fill="#0b7a4b">Chat</text></svg>`;

export async function operator(journey, world) {
  const { gate, ports, wiki, echo } = world;

  await journey.step('vestibule init writes everything and prints one registration link', async () => {
    const { stdout } = await gate.run([
      'init', '--portal', `http://127.0.0.1:${ports.wiki}`, '--host', 'localhost', '--admin', 'admin@example.com', '--dir', gate.dir, '--yes',
    ]);
    assert.match(stdout, /^https:\/\/localhost(:\d+)?\/\.vestibule\/register\/\S+\n$/);
    for (const file of ['vestibule.toml', 'vestibule.key', 'vestibule.db', 'certs/portal.pem', 'certs/portal.key']) {
      assert(existsSync(join(gate.dir, file)), `${file} was written`);
    }
    assert.equal(statSync(join(gate.dir, 'vestibule.key')).mode & 0o777, 0o600, 'the key file is the operator’s alone');
  });

  await journey.step('the file takes other ports and a second portal', async () => {
    gate.configure([
      ['[listen]', 'https', `"127.0.0.1:${ports.https}"`],
      ['[listen]', 'http', `"127.0.0.1:${ports.http}"`],
      ['[listen]', 'ops', `"127.0.0.1:${ports.ops}"`],
      ['[listen]', 'admin', `"127.0.0.1:${ports.admin}"`],
      ['[admin]', 'url', `"${world.admin}"`],
      ['[brand]', 'name', '"Team portal"'],
      ['[brand]', 'help', '"Call the help desk: 203-555-0100"'],
      ['[mfa]', 'issuer', '"Team portal"'],
      ['[[portal]]', 'url', `"${wiki}"`],
      ['[[portal]]', 'sign_on', '"headers"'],
      ['[[portal]]', 'groups', '["staff"]'],
    ]);
    writeFileSync(join(gate.dir, 'chat.svg'), LOGO);
    gate.append([
      '[[portal]]', `url = "${echo}"`, `upstreams = ["http://127.0.0.1:${ports.echo}"]`, 'sign_on = "headers"', 'groups = ["staff"]', '',
      '[portal.brand]', 'name = "Chat"', 'logo = "chat.svg"', 'accent = "#0b7a4b"', '',
    ].join('\n'));
  });

  await journey.step('vestibule config check finds no mistake, and the upstreams answer', async () => {
    await gate.cli('config', 'check', '--connect');
  });

  await journey.step('vestibule serve gets ready', async () => {
    await gate.start(ports.ops);
  });

  await journey.step('curl, which trusts the development certificate, is asked to sign in', async () => {
    const answer = curl(world, `${wiki}/doku.php?id=start`);
    assert.match(answer, /^HTTP\/2 401/);
    assert.match(answer, /^content-type: application\/problem\+json/mi);
    assert.match(answer, /^www-authenticate: Vestibule/mi);
    assert.match(answer, /^vestibule-required: login/mi);
    assert.doesNotMatch(answer, /DokuWiki/i);
  });
}

function curl({ gate }, address) {
  return execFileSync('curl', ['--silent', '--show-error', '--include', '--max-time', '10', '--cacert', join(gate.dir, 'certs/portal.pem'), address],
    { encoding: 'utf8' });
}
