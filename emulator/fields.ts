import { invalidParameter } from './errors.ts';

/** A parsed `fields` mask: a name maps to the mask below it, or to `true` when all of it is wanted. */
export interface FieldMask extends ReadonlyMap<string, FieldMask | true> {}

/**
 * Parses a `fields` parameter: `a,b/c,items(name,metadata/owner),*`.
 *
 * Source: "Partial response" in Google's Cloud Storage documentation. A mask that cannot be read is refused
 * with 400.
 */
export function parseFields(text: string): FieldMask {
  const reader = { text, at: 0 };
  const mask = readList(reader);
  if (reader.at !== text.length || mask.size === 0) throw invalidSelection(text);
  return mask;
}

/** Cuts a JSON value down to what a mask names. Lists are cut entry by entry. */
export function applyFields(value: unknown, mask: FieldMask | true): unknown {
  if (mask === true || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((entry: unknown) => applyFields(entry, mask));
  const kept: Record<string, unknown> = {};
  for (const [name, below] of Object.entries(value)) {
    const chosen = mask.get(name) ?? mask.get('*');
    if (chosen !== undefined) kept[name] = applyFields(below, chosen);
  }
  return kept;
}

/**
 * Refuses a mask that names a field which the resource never has, as the service does.
 *
 * @param known - every field name there is at this level.
 */
export function checkFields(mask: FieldMask, known: ReadonlySet<string>): void {
  for (const name of mask.keys()) {
    if (name !== '*' && !known.has(name)) throw invalidSelection(name);
  }
}

interface Reader {
  readonly text: string;
  at: number;
}

function readList(reader: Reader): FieldMask {
  const mask = new Map<string, FieldMask | true>();
  do {
    add(mask, ...readPath(reader));
  } while (take(reader, ','));
  return mask;
}

function readPath(reader: Reader): [string, FieldMask | true] {
  const name = /^(?:[A-Za-z0-9_.-]+|\*)/.exec(reader.text.slice(reader.at))?.[0];
  if (name === undefined) throw invalidSelection(reader.text);
  reader.at += name.length;
  if (take(reader, '/')) {
    const [inner, below] = readPath(reader);
    return [name, new Map([[inner, below]])];
  }
  if (take(reader, '(')) {
    const below = readList(reader);
    if (!take(reader, ')')) throw invalidSelection(reader.text);
    return [name, below];
  }
  return [name, true];
}

function add(mask: Map<string, FieldMask | true>, name: string, below: FieldMask | true): void {
  const before = mask.get(name);
  mask.set(name, before === undefined ? below : merge(before, below));
}

function merge(left: FieldMask | true, right: FieldMask | true): FieldMask | true {
  if (left === true || right === true) return true;
  const merged = new Map(left);
  for (const [name, below] of right) add(merged, name, below);
  return merged;
}

function take(reader: Reader, character: string): boolean {
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function invalidSelection(what: string): Error {
  return invalidParameter(`Invalid field selection ${what}`, 'fields');
}
