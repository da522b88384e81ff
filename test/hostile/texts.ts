import { inspect } from 'node:util';

/**
 * Every text that can be got out of a value: by going through all that it holds (hidden properties, symbols,
 * causes, getters of its own), and by printing it in the ways that logs do.
 */
export function textsOf(value: unknown): string[] {
  const found: string[] = [inspect(value, { depth: Infinity, showHidden: true })];
  try {
    found.push(JSON.stringify(value) ?? '');
  } catch {
    // A circle, or a bigint: the walk goes through it all the same.
  }
  walk(value, found, new Set());
  return found;
}

function walk(value: unknown, found: string[], seen: Set<object>): void {
  if (typeof value === 'string' || typeof value === 'symbol') found.push(String(value));
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
  seen.add(value);
  if (seen.size > 50_000) throw new Error('too much to look through');
  try {
    found.push(Reflect.apply(String, undefined, [value]));
  } catch {
    // An object without a prototype.
  }
  if (ArrayBuffer.isView(value)) {
    found.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1'));
    return;
  }
  if (value instanceof Map || value instanceof Set || value instanceof Headers) walk([...value], found, seen);
  for (const key of Reflect.ownKeys(value)) {
    found.push(String(key));
    try {
      walk(Reflect.get(value, key), found, seen);
    } catch (error) {
      walk(error, found, seen);
    }
  }
}
