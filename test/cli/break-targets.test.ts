import { describe, expect, it } from 'vitest';
import { type BreakChoice, targetsIn } from '../../src/cli/break-targets.ts';
import type { FoundLock } from '../../src/index.ts';

const VERSION = { generation: '1', metageneration: '1' };
const PLACE = { url: 'gs://b/x', name: 'x' };
const EVENT: FoundLock = {
  ...PLACE,
  kind: 'event',
  status: { isSet: true, payload: '', setCount: 1, since: new Date(0), version: VERSION },
  staleForMs: 0,
};

describe('what is to be broken', () => {
  it('is nothing of a free lock that keeps a counter', () => {
    expect(targetsIn({ ...PLACE, kind: 'free' }, {})).toEqual([]);
  });

  it('is the event that was found', () => {
    expect(targetsIn(EVENT, { ifStale: true })).toEqual([EVENT]);
  });

  it.each<[BreakChoice, string]>([
    [{ slot: 0 }, '--slot'],
    [{ resource: 'a' }, '--resource'],
    [{ leaseId: 'a' }, '--lease-id'],
    [{ holder: 'a' }, '--holder'],
  ])('is never more than was said, where a flag does not fit: %j', (choice, flag) => {
    expect(() => targetsIn(EVENT, choice)).toThrow(`gs://b/x is an event, with which ${flag} does not go`);
  });
});
