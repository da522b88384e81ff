import { describe, expect, it, vi } from 'vitest';
import { changesBetween } from '../../src/cli/changes.ts';
import { exactDuration, parseDuration, tellDuration } from '../../src/cli/duration.ts';
import { lockTable } from '../../src/cli/table.ts';
import { cutTo } from '../../src/cli/columns.ts';
import { jsonLine, oneLine } from '../../src/cli/text.ts';
import { inUse, type WaitReason } from '../../src/cli/waiting.ts';
import type { ListedLock, LockStatus } from '../../src/index.ts';

const NOW = Date.UTC(2030, 0, 1);

function held(name: string, changes: Partial<LockStatus> = {}): ListedLock {
  const status: LockStatus = {
    holder: 'Cloud Run job nightly-report, execution nightly-report-x7k2p, task 0, attempt 0',
    leaseId: 'd'.repeat(32),
    since: new Date(NOW - 3_723_000),
    refreshedAt: new Date(NOW - 12_000),
    ttlMs: 60_000,
    isStale: false,
    version: { generation: '1', metageneration: '1' },
    metadata: {},
    ...changes,
  };
  return { url: `gs://b/${name}`, name, kind: 'held', status, staleForMs: 0 };
}

/** A semaphore of three permits, held as the locks are. */
function semaphore(name: string, locks: readonly ListedLock[]): ListedLock {
  const holders = locks.flatMap((lock, slot) =>
    lock.kind === 'held' ? [{ ...lock.status, slot, staleForMs: 0 }] : [],
  );
  const stale = holders.filter(({ isStale }) => isStale).length;
  const free = 3 - holders.length;
  const counts = { held: holders.length - stale, stale, free, unusable: 0, available: free + stale };
  const status = { permits: 3, ...counts, holders };
  const version = { generation: '1', metageneration: '1' };
  return { url: `gs://b/${name}`, name, kind: 'semaphore', status, untouchedForMs: 0, version };
}

function event(name: string, setCount: number, isSet: boolean): ListedLock {
  const version = { generation: '1', metageneration: '1' };
  const status = { isSet, setCount, payload: '', since: new Date(NOW), version };
  return { url: `gs://b/${name}`, name, kind: 'event', status, staleForMs: 0 };
}

function pool(name: string, ...states: ('free' | 'held' | 'stale')[]): ListedLock {
  const counts = { free: 0, held: 0, stale: 0, unusable: 0 };
  const resources = states.map((state, index) => {
    counts[state] += 1;
    return { resource: `${index}`, state, holder: undefined, staleForMs: 0, isMember: true };
  });
  const version = { generation: '1', metageneration: '1' };
  return {
    url: `gs://b/${name}`,
    name,
    kind: 'pool',
    status: { counts, resources },
    untouchedForMs: 0,
    version,
  };
}

/** A limiter of 10 in a minute, of which a process has a share and others have spent some. */
function limiter(name: string, count: number, spent: number, isStale = false, nextFreeAt?: Date): ListedLock {
  const share = { id: 'a'.repeat(16), count, wanted: 1, refreshedAt: new Date(NOW), ttlMs: 15_000, isStale };
  const processes = count === 0 ? [] : [share];
  const version = { generation: '1', metageneration: '1' };
  const numbers = { limit: 10, windowMs: 60_000, available: 10 - count - spent, shared: count, spent };
  const status = { ...numbers, nextFreeAt, processes, version };
  return { url: `gs://b/${name}`, name, kind: 'rate-limiter', status, staleForMs: 0 };
}

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['30', 30_000],
    ['1.5h', 5_400_000],
    ['2m', 120_000],
    ['7d', 604_800_000],
    ['0', 0],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 'x', '-1s', '1 s', '1w', '1m30', 'Infinity', '1e3'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow('It must be a duration such as');
  });

  it.each([
    [0, '0s'],
    [-5, '0s'],
    [850, '850ms'],
    [1_500, '1.5s'],
    [62_000, '1m 2s'],
    [3_723_000, '1h 2m'],
    [90_000_000, '1d 1h'],
  ])('tells %d ms as %s', (ms, text) => {
    expect(tellDuration(ms)).toBe(text);
  });
});

describe('durations as they are given', () => {
  it.each([
    [0, '0s'],
    [10, '10ms'],
    [1_500, '1500ms'],
    [90_000, '90s'],
    [60_000, '1m'],
    [5_400_000, '90m'],
    [86_400_000, '1d'],
  ])('%d ms are %s, which reads as the same', (ms, text) => {
    expect(exactDuration(ms)).toBe(text);
    expect(parseDuration(text)).toBe(ms);
  });
});

describe('why permits are waited for', () => {
  const told = (status: ListedLock): WaitReason => {
    if (status.kind !== 'rate-limiter') throw new Error(status.kind);
    return inUse(status.status);
  };

  it('is how many are in use, where nobody knows when there are more', () => {
    expect(told(limiter('mail', 4, 6)).sentence()).toBe('10 of 10/1m in use');
    expect(told(limiter('mail', 4, 5, true)).short()).toBe('9 of 10/1m in use, 1 stale');
  });

  it('is when there are more, told anew while the time passes', () => {
    vi.useFakeTimers({ now: NOW });
    try {
      const reason = told(limiter('mail', 0, 10, false, new Date(NOW + 90_500)));
      expect(reason.short()).toBe('10 of 10/1m in use, more in 1m 30s');
      expect(reason.sentence()).toMatch(/^10 of 10\/1m in use, more in 1m 30s, at [-\d:TZ.]+$/);
      vi.setSystemTime(NOW + 60_000);
      expect(reason.short()).toBe('10 of 10/1m in use, more in 30s');
      vi.setSystemTime(NOW + 91_000);
      expect(reason.short()).toBe('10 of 10/1m in use');
      expect(reason.fact).toMatchObject({ limit: 10, windowMs: 60_000, available: 0 });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('text for a terminal', () => {
  it('shows control characters of a legal name instead of obeying them', () => {
    expect(oneLine('a\u001b[2Jb\tc\n')).toBe(String.raw`a\x1b[2Jb\x09c\x0a`);
  });

  it('shows what would turn a name around, and leaves other scripts and emoji alone', () => {
    expect(oneLine('locks/\u202Eylthgin\u2066\u2028')).toBe(String.raw`locks/\u202eylthgin\u2066\u2028`);
    expect(oneLine('日本語 می‌خواهم 👩‍👩‍👧')).toBe('日本語 می‌خواهم 👩‍👩‍👧');
  });

  it('is the same value as JSON, on one line, whatever a name holds', () => {
    const value = { name: 'a\u009B31mb\u202E\u2028\n\u007F日' };
    const line = jsonLine(value);
    expect(line).toBe(`{"name":"${String.raw`a\u009b31mb\u202e\u2028\n\u007f`}日"}\n`);
    expect(JSON.parse(line)).toEqual(value);
  });

  it('is cut by columns, not by characters, and never within one', () => {
    expect(cutTo('abcdef', 6)).toBe('abcdef');
    expect(cutTo('abcdefg', 6)).toBe('abcde…');
    expect(cutTo('日本語日本語', 6)).toBe('日本…');
    expect(cutTo('👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 5)).toBe('👩‍👩‍👧‍👦👩‍👩‍👧‍👦…');
  });
});

describe('a table of locks', () => {
  const locks: readonly ListedLock[] = [
    held('nightly-report'),
    held('a-name/that-is-much-too-long-for-any-terminal/of-eighty-columns', { isStale: true }),
    { url: 'gs://b/counter', name: 'counter', kind: 'free' },
    { url: 'gs://b/new', name: 'new', kind: 'newer', schema: 'gcs-mutex/2' },
    event('imported', 1, true),
    event('told', 1, false),
    semaphore('reports', [held('a'), held('b', { isStale: true })]),
    limiter('mail', 4, 3),
  ];

  it.each([80, 120])('fits a terminal of %d columns, and shows every short column whole', (columns) => {
    const lines = lockTable(locks, { isTTY: true, columns }, NOW)
      .replaceAll(/\p{Cc}\[\d+m/gu, '')
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(9);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    expect(lines[0]).toMatch(/^NAME +HOLDER +HELD FOR +REFRESHED +TTL LEFT +STATE$/);
    expect(lines[1]).toMatch(/ 1h 2m +12s ago +48s +held$/);
    expect(lines[2]).toMatch(/… +.*stale$/);
    expect(lines[3]).toMatch(/^counter +free$/);
    expect(lines[5]).toMatch(/^imported +set$/);
    expect(lines[6]).toMatch(/^told +cleared$/);
    expect(lines[7]).toMatch(/^reports +1 of 3 held, 1 stale +semaphore$/);
    expect(lines[8]).toMatch(/^mail +7 of 10\/1m in use +limiter$/);
  });

  it('cuts nothing, and has no colours, where there is no terminal', () => {
    const text = lockTable(locks, {}, NOW);
    expect(text).toContain('of-eighty-columns');
    expect(text).toContain('attempt 0');
    expect(text).not.toContain('\u001b');
  });
});

describe('changes between two looks', () => {
  const at = (ms: number): Date => new Date(NOW + ms);
  it.each<[string, ListedLock[], ListedLock[], string[]]>([
    ['a lock is taken', [], [held('a')], ['held']],
    ['nothing happens', [held('a')], [held('a')], []],
    ['it is refreshed', [held('a')], [held('a', { refreshedAt: at(0) })], ['refreshed']],
    ['it goes to another', [held('a')], [held('a', { leaseId: 'e'.repeat(32) })], ['held']],
    ['its holder dies', [held('a')], [held('a', { isStale: true })], ['stale']],
    ['it stays stale', [held('a', { isStale: true })], [held('a', { isStale: true })], []],
    ['it is freed', [held('a')], [], ['free']],
    [
      'it is freed and keeps a counter',
      [held('a')],
      [{ url: 'gs://b/a', name: 'a', kind: 'free' }],
      ['free'],
    ],
    ['a permit is taken', [semaphore('s', [])], [semaphore('s', [held('a')])], ['semaphore']],
    [
      'a permit is refreshed',
      [semaphore('s', [held('a')])],
      [semaphore('s', [held('a', { refreshedAt: at(0) })])],
      [],
    ],
    ['a pool comes', [], [pool('a', 'free')], ['pool']],
    ['its resource is taken', [pool('a', 'free')], [pool('a', 'held')], ['pool']],
    ['it stands as it did', [pool('a', 'held')], [pool('a', 'held')], []],
    ['it is cleaned away', [pool('a', 'free')], [], ['free']],
    ['a rate limiter comes', [], [limiter('r', 0, 1)], ['rate-limiter']],
    ['a permit of it is taken', [limiter('r', 0, 1)], [limiter('r', 0, 2)], ['rate-limiter']],
    ['a share of it grows', [limiter('r', 3, 1)], [limiter('r', 4, 1)], ['rate-limiter']],
    ['its process dies', [limiter('r', 3, 1)], [limiter('r', 3, 1, true)], ['rate-limiter']],
    ['nobody takes anything of it', [limiter('r', 3, 1)], [limiter('r', 3, 1)], []],
    ['an event is set', [], [event('a', 1, true)], ['set']],
    ['it is set once more', [event('a', 1, true)], [event('a', 2, true)], ['set']],
    ['it is set and cleared', [event('a', 1, false)], [event('a', 2, false)], ['set']],
    ['it is cleared', [event('a', 1, true)], [event('a', 1, false)], ['cleared']],
    ['it stays as it is', [event('a', 1, true)], [event('a', 1, true)], []],
    ['a set one goes', [event('a', 1, true)], [], ['cleared']],
    ['a cleared one goes', [event('a', 1, false)], [], []],
    ['a cleared one comes that was never set', [], [event('a', 0, false)], []],
    ['a free one with a counter goes', [{ url: 'gs://b/a', name: 'a', kind: 'free' }], [], []],
  ])('are told when %s', (_what, before, now, changes) => {
    expect(changesBetween(before, now).map(({ change }) => change)).toEqual(changes);
  });

  it('come by name', () => {
    expect(changesBetween([held('b')], [held('c'), held('a')]).map(({ url }) => url)).toEqual([
      'gs://b/a',
      'gs://b/b',
      'gs://b/c',
    ]);
  });
});
