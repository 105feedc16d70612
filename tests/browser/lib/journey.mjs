// Named steps, printed as they pass; what a step that fails leaves behind; and the count at the end.
import assert from 'node:assert/strict';

// How soon what is to happen at once must be felt: a second for the gate, the rest for a machine that is busy with other things
// or stalls. What only the comparison of each minute finds mostly comes later.
export const AT_ONCE = 2000;

// A chapter was left because one of its steps failed.
class Left extends Error {}

export class Journey {
  constructor({ onFailure, stepTimeout = 180_000 }) {
    this.onFailure = onFailure;
    this.stepTimeout = stepTimeout;
    this.passed = 0;
    this.failures = [];
    this.skipped = [];
    this.unmet = new Set();
  }

  // Steps that build on each other: the first one that fails ends the chapter. A chapter that needs one that failed is
  // not begun, and counts as failed once.
  async chapter(name, act, { needs = [] } = {}) {
    console.log(`\n${name}`);
    const missing = needs.filter((need) => this.unmet.has(need));
    if (missing.length > 0) {
      this.unmet.add(name);
      this.skipped.push(name);
      console.log(`  skip  it needs: ${missing.join(', ')}`);
      return;
    }
    try {
      await act();
    } catch (error) {
      this.unmet.add(name);
      if (error instanceof Left) return;
      await this.#failed(name, 'between its steps', error);
    }
  }

  async step(name, act) {
    const begun = performance.now();
    try {
      const said = await within(this.stepTimeout, act(), 'the step took too long');
      this.passed += 1;
      const took = `${Math.round(performance.now() - begun)} ms`;
      console.log(`  ok    ${name} (${typeof said === 'string' ? `${said}, ` : ''}${took})`);
    } catch (error) {
      await this.#failed(name, '', error);
      throw new Left();
    }
  }

  // A step whose failure leaves the ones after it possible.
  async check(name, act) {
    try {
      await this.step(name, act);
    } catch (error) {
      if (!(error instanceof Left)) throw error;
    }
  }

  async #failed(name, where, error) {
    this.failures.push(name);
    console.log(`  FAIL  ${name}${where && ` (${where})`}`);
    console.log(indent(String(error?.message ?? error), 8));
    const place = String(error?.stack ?? '').split('\n').find((line) => line.includes('journey.mjs:') && !line.includes('lib/'));
    if (place) console.log(indent(place.trim().replace(/^at /, 'at ').replace(/file:\/\/\S*\//, ''), 8));
    try {
      await within(20_000, this.onFailure(name), 'no report could be made');
    } catch (problem) {
      console.log(indent(`the report failed too: ${problem.message}`, 8));
    }
  }

  get failed() {
    return this.failures.length + this.skipped.length;
  }

  summary() {
    if (this.failures.length > 0) console.log(`\nFailed:\n${indent(this.failures.join('\n'), 2)}`);
    if (this.skipped.length > 0) console.log(`\nNot begun:\n${indent(this.skipped.join('\n'), 2)}`);
    console.log(`\nbrowser journey: ${this.passed} passed, ${this.failed} failed`);
  }
}

export function indent(text, by) {
  return text.split('\n').map((line) => ' '.repeat(by) + line).join('\n');
}

// The promise, or an error after that many milliseconds.
export async function within(millis, promise, complaint) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${complaint} (${millis} ms)`)), millis);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Asks until the answer is true or the time is up; says how long it took. If a single answer took most of that time, because the
// machine stood still, it is asked once more.
export async function until(what, ask, { limit = 10_000, every = 50 } = {}) {
  const begun = performance.now();
  for (let last = false; ;) {
    const asked = performance.now();
    if (await ask()) return Math.round(performance.now() - begun);
    const late = performance.now() - begun >= limit;
    assert(!late || (!last && performance.now() - asked > limit / 2), `${what}: not within ${limit} ms`);
    last = late;
    await new Promise((resolve) => { setTimeout(resolve, every); });
  }
}
