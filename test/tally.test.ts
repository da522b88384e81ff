import { describe, expect, it } from 'vitest';
import type { Failure } from '../src/protocol/outcome.ts';
import { Tally } from '../src/tally.ts';
import { createMemoryBucket } from '../src/testing/index.ts';

const FAILED: Failure = { kind: 'unavailable', status: 503, detail: 'The store answered 503.' };
const UNREADABLE = { kind: 'unreadable', failure: FAILED };
const UNKNOWN = { kind: 'unknown', failure: FAILED };
const ABSENT = { kind: 'absent' };

function begin() {
  const { clock, process } = createMemoryBucket();
  const tally = new Tally(process().machine);
  const ask = (kind: 'get' | 'create', outcome: { kind: string; failure?: Failure }): void => {
    tally.onSent();
    tally.onOutcome(kind, outcome);
  };
  return { clock, tally, ask };
}

describe('the silence of a store', () => {
  it('lasts from the beginning to the first read that is answered', () => {
    const { tally, ask } = begin();
    expect(tally.silence).toMatchObject({ detail: 'There was no answer within 0 ms.' });
    ask('create', { kind: 'refused' });
    expect(tally.silence, 'nobody knows yet who has it').toBeDefined();
    ask('get', ABSENT);
    expect(tally.silence).toBeUndefined();
  });

  it('is broken by the answer to a request that took less than a second, and is one from then on', async () => {
    const { clock, tally, ask } = begin();
    ask('get', ABSENT);
    tally.onSent();
    await clock.advance(999);
    expect(tally.silence).toBeUndefined();
    await clock.advance(1);
    expect(tally.silence).toMatchObject({ detail: 'There was no answer within 1000 ms.' });
    tally.onOutcome('get', ABSENT);
    expect(tally.silence).toBeUndefined();
    expect([tally.requestCount, tally.waitedMs]).toEqual([2, 1_000]);
  });

  it('is the failure of the latest read, which the next one mends', () => {
    const { tally, ask } = begin();
    ask('get', UNREADABLE);
    expect(tally.silence).toBe(FAILED);
    ask('get', ABSENT);
    expect(tally.silence).toBeUndefined();
  });

  it('is the failure of the latest write, which no read mends', () => {
    const { tally, ask } = begin();
    ask('create', UNKNOWN);
    ask('get', ABSENT);
    expect(tally.silence).toBe(FAILED);
    ask('create', { kind: 'refused' });
    expect(tally.silence).toBeUndefined();
  });

  it('ends where it is known that others have it', () => {
    const { tally, ask } = begin();
    ask('create', UNKNOWN);
    tally.settle();
    expect(tally.silence).toBeUndefined();
  });

  it('is none where the store refuses', () => {
    const { tally, ask } = begin();
    ask('get', { kind: 'failed', failure: { kind: 'permission-denied', detail: 'No.' } });
    expect(tally.silence).toBeUndefined();
  });
});
