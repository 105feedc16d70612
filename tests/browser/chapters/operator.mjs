// An operator puts the gate in front of two portals that run already.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

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
    gate.append([
      '[[portal]]', `url = "${echo}"`, `upstreams = ["http://127.0.0.1:${ports.echo}"]`, 'sign_on = "headers"', 'groups = ["staff"]', '',
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
