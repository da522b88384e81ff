import { describe, expect, it } from 'vitest';
import { choose } from '../../src/protocol/choice.ts';
import { documentCodec } from '../../src/protocol/document-record.ts';
import {
  countSlots,
  MAX_PERMITS,
  PERMITS,
  PERMITS_NAME,
  slotIndex,
  slotName,
  type Standing,
} from '../../src/protocol/semaphore.ts';

describe('the names of slots', () => {
  it('have four digits, and are read back only in that form', () => {
    expect([0, 7, 4095].map(slotName)).toEqual(['slot-0000', 'slot-0007', 'slot-4095']);
    for (let index = 0; index < MAX_PERMITS; index += 1) expect(slotIndex(slotName(index))).toBe(index);
    for (const name of [
      'slot-4096',
      'slot-9999',
      'slot-7',
      'slot-00007',
      'slot-0x07',
      'a/slot-0007',
      'permits',
    ])
      expect(slotIndex(name)).toBeUndefined();
  });

  it('come in the order of their numbers, after the number of permits: a list shows that first', () => {
    expect(PERMITS_NAME).toBe('permits');
    const names = ['permits', ...Array.from({ length: MAX_PERMITS }, (_, index) => slotName(index))];
    expect(names.toSorted()).toEqual(names);
  });
});

describe('the record of the number of permits', () => {
  const codec = documentCodec(PERMITS);

  it('says what it is to whoever prints its body', () => {
    const value = { permits: 3 };
    expect(codec.describe({ value, writeIds: [] })).toMatch(/^A semaphore of gcs-mutex;/);
  });

  const writes = 'a'.repeat(32);

  it.each([1, 4096])('reads %d as it was written', (permits) => {
    const record = { value: { permits }, writeIds: [writes] };
    expect(codec.decode(codec.encode(record))).toEqual({ kind: 'record', record });
  });

  it.each(['0', '4097', '', '3.0', '-1', ' 3', '١'])('does not take %j for a number', (permits) => {
    expect(codec.decode({ schema: 'gcs-mutex-semaphore/1', writes, permits })).toEqual({
      kind: 'foreign',
      why: 'its permits do not parse',
    });
  });
});

describe('counting slots', () => {
  const count = (permits: number, standings: Record<number, Standing>) =>
    countSlots(
      permits,
      new Map(Object.entries(standings).map(([index, standing]) => [Number(index), standing])),
    );

  it.each([
    ['nobody there', {}, { held: 0, stale: 0, free: 4, unusable: 0, available: 4 }],
    [
      'one of each',
      { 0: 'held', 1: 'stale', 2: 'unusable', 3: 'free' },
      { held: 1, stale: 1, free: 1, unusable: 1, available: 2 },
    ],
    [
      'holders beyond a lowered number',
      { 4: 'held', 9: 'held' },
      { held: 2, stale: 0, free: 4, unusable: 0, available: 2 },
    ],
    [
      'more holders than there are permits',
      { 0: 'held', 4: 'held', 5: 'held', 6: 'held', 7: 'held' },
      { held: 5, stale: 0, free: 3, unusable: 0, available: 0 },
    ],
    [
      'what is beyond the number and held by nobody',
      { 4: 'stale', 5: 'free', 6: 'unusable' },
      { held: 0, stale: 0, free: 4, unusable: 0, available: 4 },
    ],
  ] as const)('with %s', (_what, standings, expected) => {
    expect(count(4, standings)).toEqual(expected);
  });
});

describe('choosing by chance', () => {
  it('gives different ones of what there is, as many as it has draws for', () => {
    const from = ['a', 'b', 'c', 'd'];
    expect(choose(from, [])).toEqual([]);
    expect(choose(from, [0, 0])).toEqual(['a', 'b']);
    expect(choose(from, [0.99, 0.99, 0.99, 0.99])).toEqual(['d', 'c', 'b', 'a']);
    expect(
      choose(
        from,
        Array.from({ length: 9 }, () => 0.5),
      ).toSorted(),
    ).toEqual(from);
    expect(from).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is fair: each is the first for an equal share of the draws', () => {
    const firsts = Array.from({ length: 100 }, (_, index) => choose(['a', 'b', 'c', 'd'], [index / 100])[0]);
    for (const name of ['a', 'b', 'c', 'd'])
      expect(firsts.filter((first) => first === name)).toHaveLength(25);
  });
});
