import { describe, expect, it } from 'vitest';
import { readSettings } from './arguments.ts';
import type { Sample } from './sample.ts';
import type { Soaked } from './soak.ts';
import { judge, trendsOf } from './verdict.ts';

const FLAT: Sample = {
  atMs: 0,
  callCount: 0,
  refreshCount: 0,
  heapBytes: 50_000_000,
  outsideBytes: 1_000_000,
  listeners: 0,
  leaseListeners: 1,
  leases: 11,
  timers: 30,
  descriptors: 40,
  active: { PipeWrap: 2 },
};

/** Ten samples, a second and a hundred calls apart. */
function samplesOf(change: (index: number) => Partial<Sample> = () => ({})): readonly Sample[] {
  return Array.from({ length: 10 }, (_, index) => ({
    ...FLAT,
    atMs: index * 1_000,
    callCount: index * 100,
    ...change(index),
  }));
}

function soakedWith(changes: Partial<Soaked> = {}): Soaked {
  const plan: Soaked['plan'] = {
    apiEndpoint: 'http://127.0.0.1:1',
    bucket: 'soak',
    leaseCount: 10,
    ttlMs: 60_000,
    refreshIntervalMs: 5_000,
    warmUpMs: 0,
    warmUpCalls: 0,
    durationMs: 10_000,
    sampleIntervalMs: 1_000,
    leastSamples: 8,
  };
  const seen = { acquireMs: 1, bytesPerLease: 1, heldCount: 11, troubles: [], farewellMs: 5, faultCount: 1 };
  return { plan, samples: samplesOf(), ...seen, ...changes };
}

describe('the verdict of a soak', () => {
  it('finds nothing where nothing grows', () => {
    expect(judge(soakedWith())).toEqual([]);
  });

  it('overlooks a peak, and noise that goes up and down', () => {
    const samples = samplesOf((index) => ({
      heapBytes: index === 9 ? 90_000_000 : 50_000_000 + (index % 2) * 1_000_000,
      timers: index === 4 ? 900 : 30,
    }));
    expect(judge(soakedWith({ samples }))).toEqual([]);
  });

  it.each([
    ['heap', (index: number) => ({ heapBytes: 50_000_000 + index * 500_000 })],
    ['outside the heap', (index: number) => ({ outsideBytes: index * 500_000 })],
    ['timers', (index: number) => ({ timers: 30 + index * 30 })],
    ['open files and sockets', (index: number) => ({ descriptors: 40 + index * 30 })],
    ['what keeps the process alive', (index: number) => ({ active: { Timeout: index } })],
  ])('finds that %s grows with the calls', (name, change) => {
    const samples = samplesOf(change);
    expect(judge(soakedWith({ samples }))).toEqual([expect.stringMatching(new RegExp(`^${name} rose by`))]);
    const trend = trendsOf(samples).find((each) => each.name === name);
    expect(trend?.rise).toBeGreaterThan(trend?.mayRise ?? Infinity);
  });

  it.each<[Partial<Soaked>, string]>([
    [
      { samples: samplesOf(() => ({ listeners: 1 })) },
      'listeners left on the signal of calls that have ended: 1',
    ],
    [{ samples: samplesOf(() => ({ leaseListeners: 5 })) }, 'listeners on the signal that leases share: 5'],
    [{ samples: samplesOf(() => ({ leases: 13 })) }, 'ended leases that are still there: 2'],
    [{ samples: samplesOf().slice(3) }, 'only 7 samples were taken'],
    [{ heldCount: 10 }, 'only 10 leases were held to the end'],
    [{ farewellMs: undefined }, 'the process did not end by itself with only leases left'],
    [{ troubles: ['unhandled rejection: x', 'unhandled rejection: x'] }, 'unhandled rejection: x'],
  ])('finds what must not be: %#', (changes, what) => {
    expect(judge(soakedWith(changes))).toEqual([what]);
  });
});

describe('the arguments of a soak', () => {
  it('are ten minutes and ten thousand leases, unless told otherwise', () => {
    expect(readSettings([])).toEqual({
      durationMs: 600_000,
      leaseCount: 10_000,
      refreshesPerS: 50,
      isJson: false,
    });
    expect(readSettings(['--minutes', '0.5', '--leases', '7', '--refreshes', '5', '--json'])).toEqual({
      durationMs: 30_000,
      leaseCount: 7,
      refreshesPerS: 5,
      isJson: true,
    });
    expect(readSettings(['--help'])).toBe('help');
  });

  it.each([
    ['--minutes', 'long'],
    ['--leases', '0'],
    ['--leases', '1e4'],
    ['--lease', '1'],
  ])('are refused: %s %s', (...args) => {
    expect(() => readSettings(args)).toThrow(new RegExp(args[0] ?? ''));
  });
});
