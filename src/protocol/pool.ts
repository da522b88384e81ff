import type { DocumentKind } from './document-record.ts';
import { decodeText, encodeText } from './text.ts';

/** The longest list of names, as it is kept: custom metadata has room for 8 KiB in all. */
export const MAX_RESOURCES_BYTES = 6_000;

/** What a pool's document says. */
export interface Resources {
  /** In the order in which they were added; each once. */
  readonly names: readonly string[];
}

/** The name of a pool's document, below its own. */
export const RESOURCES_NAME = 'resources';

/** How a pool's document is kept. */
export const RESOURCES: DocumentKind<Resources> = {
  schema: 'gcs-mutex-pool/1',
  kind: 'pool',
  encode: ({ names }) => ({ resources: encodeNames(names) }),
  decode(key) {
    const names = decodeNames(key('resources'));
    return names === undefined ? 'its resources do not parse' : { names };
  },
};

/** How many bytes of custom metadata a list of names takes. */
export function storedBytes(names: readonly string[]): number {
  return encodeNames(names).length;
}

function encodeNames(names: readonly string[]): string {
  return encodeText(JSON.stringify(names));
}

function decodeNames(encoded: string): readonly string[] | undefined {
  let names: unknown;
  try {
    names = JSON.parse(decodeText(encoded) ?? '');
  } catch {
    return undefined;
  }
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && name !== ''))
    return undefined;
  return new Set(names).size === names.length ? names : undefined;
}

/** The name of a resource's lock, below the pool's. */
export function lockNameOf(resource: string): string {
  return `use-${resource}`;
}

/** Which resource a lock is of, or undefined. */
export function resourceOf(lockName: string): string | undefined {
  return lockName.startsWith('use-') ? lockName.slice('use-'.length) : undefined;
}

export function withResources(before: Resources, names: readonly string[]): Resources {
  return { names: [...new Set([...before.names, ...names])] };
}

export function withoutResources(before: Resources, names: readonly string[]): Resources {
  return { names: before.names.filter((name) => !names.includes(name)) };
}

/** Whether two lists have the same names, in whatever order. */
export function areSameResources(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}
