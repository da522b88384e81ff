import { outOfRange, unknownOption, wrongType } from './gcs/invalid-argument.ts';

/** Fails on anything that is not a plain object. */
export function checkObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongType(name, value, 'an object');
}

/** Fails on anything that is not a plain object of known options. `undefined` stands for the default, null for nothing. */
export function checkOptionNames(options: unknown, name: string, known: readonly string[]): void {
  checkObject(name, options);
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

/** What a call takes: a signal that ends it, and what else it knows. */
export function checkCallOptions(
  options: { readonly signal?: AbortSignal | undefined },
  others: readonly string[] = [],
  name = 'options',
): void {
  checkOptionNames(options, name, [...others, 'signal']);
  checkSignal(options.signal);
}

/** What a call of `release` takes: found out before anything is given back. */
export function checkReleaseOptions(options: {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}): void {
  checkCallOptions(options, ['timeoutMs'], 'release options');
  if (options.timeoutMs !== undefined) timeout('timeoutMs', options.timeoutMs);
}

/** Which state of an object is meant, as a status shows it. */
export function checkVersion(name: string, value: unknown): void {
  const isVersion =
    typeof value === 'object' &&
    value !== null &&
    ['generation', 'metageneration'].every((key) => typeof Reflect.get(value, key) === 'string');
  if (!isVersion) throw wrongType(name, value, 'the version that a status shows');
}

/** Yes or no. */
export function checkFlag(name: string, value: unknown): void {
  if (typeof value !== 'boolean') throw wrongType(name, value, 'true or false');
}

/** An abort signal, or nothing. */
function checkSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw wrongType('signal', signal, 'an AbortSignal');
}

/** What `run` is to run: found out before the lock is taken for it. */
export function checkCallback(value: unknown): void {
  if (typeof value !== 'function') throw wrongType('callback', value, 'a function');
}
