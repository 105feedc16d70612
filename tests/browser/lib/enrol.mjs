// Binding an authenticator app, as often as somebody has to.
import { readFileSync } from 'node:fs';

import { readQr } from './browser.mjs';
import { App } from './clock.mjs';
import { arrive, enterCode, press, readOtpauth, readRecoveryCodes, send } from './pages.mjs';

// From the set-up page to the recovery codes: the app that now shows this person's codes.
export async function bindApp(page, { browser, login, clock, name, after = 0 }) {
  await arrive(page, '/.vestibule/setup');
  await send(page, 'Setup MFA and access your account');
  const [picture] = await browser.look(page, name);
  const app = new App(clock, readOtpauth(readQr(picture), login));
  app.lastStep = after;
  await enterCode(page, app.fresh(), 'Enable multi-factor authentication');
  await arrive(page, '/.vestibule/setup/codes');
  return app;
}

// The ten codes in the file that is handed over.
export async function downloadCodes(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Download recovery codes')]);
  return { name: download.suggestedFilename(), codes: readRecoveryCodes(readFileSync(await download.path(), 'utf8')) };
}

// From the recovery codes to wherever this person wanted to go.
export async function lastCode(page, app, to) {
  await send(page, 'Next');
  await arrive(page, '/.vestibule/verify');
  await enterCode(page, app.fresh(), 'Verify');
  await arrive(page, to);
}
