import { describe, expect, it } from 'vitest';
import { documentCodec } from '../../src/protocol/document-record.ts';
import {
  areSameResources,
  lockNameOf,
  RESOURCES,
  RESOURCES_NAME,
  resourceOf,
  storedBytes,
  withoutResources,
  withResources,
} from '../../src/protocol/pool.ts';

const CODEC = documentCodec(RESOURCES);
const ID = 'a'.repeat(32);

function decoded(resources: string) {
  const content = CODEC.decode({ schema: 'gcs-mutex-pool/1', writes: ID, resources });
  return content.kind === 'record' ? content.record.value.names : content;
}

describe('the names of a pool', () => {
  it('are in an object of their own, which says what it is', () => {
    expect(RESOURCES_NAME).toBe('resources');
    expect(CODEC.describe({ value: { names: [] }, writeIds: [ID] })).toMatch(/^A pool of gcs-mutex;/);
  });

  it('read as they were written, in their order', () => {
    for (const names of [[], ['a'], ['b', 'a'], ['naïve 日本', '100 %', '"],["', String.raw`\u0041`]]) {
      const record = { value: { names }, writeIds: [ID] };
      expect(CODEC.decode(CODEC.encode(record))).toEqual({ kind: 'record', record });
      expect(CODEC.encode(record)['resources']).toMatch(/^[ -~]*$/);
    }
  });

  it('are read only where they are a list of names that differ', () => {
    expect(decoded('["a","b"]')).toEqual(['a', 'b']);
    for (const broken of ['', '[', 'null', '{}', '"a"', '[1]', '[""]', '["a","a"]', '["%zz"]', '["a",null]'])
      expect(decoded(broken)).toEqual({ kind: 'foreign', why: 'its resources do not parse' });
  });

  it('take two brackets, and three bytes each besides their characters, less a comma', () => {
    expect(storedBytes([])).toBe(2);
    expect(storedBytes(['a', 'bc'])).toBe(2 + 4 + 5 - 1);
    expect(storedBytes(['日'])).toBe(2 + 2 + 9);
  });

  it('are added once each, at the end', () => {
    expect(withResources({ names: ['b', 'a'] }, ['c', 'a', 'c'])).toEqual({ names: ['b', 'a', 'c'] });
  });

  it('are removed wherever they are, and need not be there', () => {
    expect(withoutResources({ names: ['b', 'a', 'c'] }, ['a', 'd'])).toEqual({ names: ['b', 'c'] });
  });

  it('are the same in any order, and not with one more or another', () => {
    expect(areSameResources(['a', 'b'], ['b', 'a'])).toBe(true);
    expect(areSameResources([], [])).toBe(true);
    for (const other of [['a'], ['a', 'c'], ['a', 'b', 'c'], []])
      expect(areSameResources(['a', 'b'], other)).toBe(false);
  });
});

describe('the lock of a resource', () => {
  it('has a name of its own, from which the resource is known', () => {
    for (const resource of ['a', 'resources', 'use-a', 'x/use-y', 'slot-0001']) {
      expect(lockNameOf(resource)).toBe(`use-${resource}`);
      expect(resourceOf(lockNameOf(resource))).toBe(resource);
    }
    for (const other of ['resources', 'slot-0001', 'us', 'x/use-a', 'Use-a'])
      expect(resourceOf(other)).toBeUndefined();
  });
});
