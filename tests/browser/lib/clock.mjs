// The gate's clock, and the codes that an authenticator app would show under it. Nothing here waits for time to pass: the
// file that a build for tests reads (`VESTIBULE_TEST_CLOCK`) moves the gate's wall clock instead.
import { execFileSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';

const STEP = 30;
// A code is asked for only while its step has this much left, so that it is not over when the form arrives.
const MARGIN = 10;

export class Clock {
  constructor(file) {
    this.file = file;
    this.offset = 0;
    this.#write();
  }

  // Seconds since 1970, as the gate sees them.
  now() {
    return Math.floor(Date.now() / 1000) + this.offset;
  }

  move(seconds) {
    this.offset += Math.round(seconds);
    this.#write();
  }

  #write() {
    writeFileSync(`${this.file}.new`, `${this.offset}\n`);
    renameSync(`${this.file}.new`, this.file);
  }
}

export class App {
  constructor(clock, secret) {
    this.clock = clock;
    this.secret = secret;
    this.lastStep = 0;
  }

  // The code shown now, for so many seconds more; never one that was asked for before.
  fresh(left = MARGIN) {
    let now = this.clock.now();
    const step = Math.floor(now / STEP);
    if (step <= this.lastStep || (step + 1) * STEP - now < left) {
      const next = Math.max(step, this.lastStep) + 1;
      this.clock.move(next * STEP + 1 - now);
      now = this.clock.now();
    }
    this.lastStep = Math.floor(now / STEP);
    return this.at(now);
  }

  at(seconds) {
    const options = ['--totp=sha1', '--base32', '--digits=6', `--time-step-size=${STEP}s`, '--now', `@${seconds}`];
    return execFileSync('oathtool', [...options, this.secret], { encoding: 'utf8', timeout: 10_000 }).trim();
  }

  // Six digits that are no code of this app anywhere near now.
  wrong() {
    const now = this.clock.now();
    const near = new Set(Array.from({ length: 21 }, (_, index) => this.at(now + (index - 10) * STEP)));
    let code = 123456;
    while (near.has(String(code))) code += 1;
    return String(code);
  }
}
