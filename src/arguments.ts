import { outOfRange, unknownOption, wrongType } from './gcs/invalid-argument.ts';

/** Fails on anything that is not a plain object of known options. `undefined` stands for the default, null for nothing. */
export function checkOptionNames(options: unknown, name: string, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongType(name, options, 'an object');
  }
  for (const [key, value] of Object.entries(options)) {
    if (!known.includes(key)) throw unknownOption(key, known);
    if (value === null) throw wrongType(key, value, 'left out, or undefined, for its default');
  }
}

/** A time limit of a call: a positive number of milliseconds, or Infinity. */
export function timeout(name: string, value: unknown): number {
  if (typeof value !== 'number') throw wrongType(name, value, 'a number of milliseconds, or Infinity');
  if (Number.isNaN(value) || value < 0) throw outOfRange(name, value, 'at least 0 milliseconds, or Infinity');
  return value;
}

/** An abort signal, or nothing. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw wrongType('signal', signal, 'an AbortSignal');
}

/** What `run` is to run: found out before the lock is taken for it. */
export function checkCallback(value: unknown): void {
  if (typeof value !== 'function') throw wrongType('callback', value, 'a function');
}
