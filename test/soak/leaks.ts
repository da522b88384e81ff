import type { Bug } from '../simulation/planted/bugs.ts';

/** A leak that somebody could put into the shipped code, and what a soak says of it. */
export interface Leak extends Bug {
  readonly isFoundAs: RegExp;
}

export const LEAKS: readonly Leak[] = [
  {
    name: 'a listener is left on the signal of a call',
    module: 'abort-listeners',
    text: 'callbacks.delete(entry)',
    instead: 'callbacks.has(entry)',
    isFoundAs: /^listeners left on the signal of calls that have ended: 1$/,
  },
  {
    name: 'ended leases are kept',
    module: 'lease',
    text: 'this.#isReleased = true;',
    instead: 'this.#isReleased = true; (globalThis.kept ??= []).push(this);',
    isFoundAs: /^ended leases that are still there: \d+$/,
  },
  {
    name: 'the guard of a released lease is not cancelled',
    module: 'lease',
    text: 'this.#driver.stop();\n        this.#cancelGuard?.();',
    instead: 'this.#driver.stop();',
    isFoundAs: /^ended leases that are still there: \d+$/,
  },
  {
    name: 'whoever hears of a resume is not forgotten',
    module: 'platform/clock',
    text: '() => resumeCallbacks.delete(callback)',
    instead: '() => undefined',
    isFoundAs: /^ended leases that are still there: \d+$/,
  },
  {
    name: 'refresh timers keep the process alive',
    module: 'platform/clock',
    text: 'timer.unref();',
    instead: 'timer.ref();',
    isFoundAs: /^the process did not end by itself with only leases left$/,
  },
];
