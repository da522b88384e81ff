import { describe, expect, it } from 'vitest';
import { isInUse } from '../../src/cli/describe.ts';
import { describeFound, tellFound } from '../../src/cli/describe-found.ts';
import type { FoundLock } from '../../src/index.ts';

const NOW = Date.UTC(2030, 0, 1);
const VERSION = { generation: '1', metageneration: '1' };
const URL = 'gs://b/x';

function event(isSet: boolean, payload: string, setCount = 1): FoundLock {
  const status = { isSet, payload, setCount, since: new Date(NOW - 62_000), version: VERSION };
  return { url: URL, name: 'x', kind: 'event', status, staleForMs: 0 };
}

describe('what is told of an event', () => {
  it('is since when it is set, and its payload on one line', () => {
    expect(tellFound(URL, event(true, 'two\nlines'), {}, NOW)).toBe(
      `${URL} is an event, set since 2029-12-31T23:58:58.000Z (1m 2s ago), set once so far\n  payload  two\\x0alines\n`,
    );
    expect(isInUse(event(true, ''))).toBe(true);
  });

  it('is broken between words where a terminal is too narrow for it', () => {
    const payload = `all of it, ${'long-'.repeat(12)}word, and the rest`;
    expect(tellFound(URL, event(true, payload), { isTTY: true, columns: 70 }, NOW)).toBe(
      [
        `${URL} is an event, set since 2029-12-31T23:58:58.000Z (1m 2s`,
        '  ago), set once so far',
        '  payload  all of it,',
        `           ${'long-'.repeat(12)}word,`,
        '           and the rest',
        '',
      ].join('\n'),
    );
    const aligned = '  two  blanks';
    expect(tellFound(URL, event(true, aligned), {}, NOW)).toContain(`payload  ${aligned}\n`);
  });

  it('is since when it is cleared, and how often it was set', () => {
    const cleared = event(false, '', 3);
    expect(tellFound(URL, cleared, {}, NOW)).toBe(
      `${URL} is an event, cleared since 2029-12-31T23:58:58.000Z (1m 2s ago), set 3 times so far\n`,
    );
    expect(isInUse(cleared)).toBe(false);
  });

  it('is all that is known, for programs', () => {
    expect(describeFound(URL, event(true, 'on'))).toEqual({
      lock: URL,
      kind: 'event',
      isSet: true,
      payload: 'on',
      setCount: 1,
      since: new Date(NOW - 62_000),
      staleForMs: 0,
      version: VERSION,
    });
  });
});

describe('what is told of a pool', () => {
  const resource = (name: string, state: 'free' | 'held' | 'stale', isMember = true) => ({
    resource: name,
    state,
    holder: undefined,
    staleForMs: 0,
    isMember,
  });
  const counts = { free: 1, held: 2, stale: 1, unusable: 0 };
  const pool = (...resources: ReturnType<typeof resource>[]): FoundLock => {
    const status = { counts, resources };
    return { url: URL, name: 'x', kind: 'pool', status, untouchedForMs: 0, version: VERSION };
  };

  it('counts what was removed and is held still by itself', () => {
    const members = [resource('a', 'held'), resource('b', 'free'), resource('c', 'stale')];
    const [line] = tellFound(URL, pool(...members, resource('d', 'held', false)), {}, NOW).split('\n');
    expect(line).toBe(`${URL} is a pool: 1 of 3 held, 1 stale, 1 removed, 1 free`);
  });
});

describe('what is told of a rate limiter', () => {
  const share = (id: string, count: number, isStale = false) => {
    const refreshedAt = new Date(NOW - 3_000);
    return { id: id.repeat(16), count, wanted: 6, refreshedAt, ttlMs: 15_000, isStale };
  };
  const limiter = (spent: number, nextFreeAt?: Date, processes = [share('a', 4)]): FoundLock => {
    const shared = processes.reduce((sum, { count }) => sum + count, 0);
    const numbers = { limit: 10, windowMs: 60_000, available: 10 - shared - spent, shared, spent };
    const status = { ...numbers, nextFreeAt, processes, version: VERSION };
    return { url: URL, name: 'x', kind: 'rate-limiter', status, staleForMs: 0 };
  };

  it('is how much of it is in use, who has how much, and when there is more', () => {
    const processes = [share('a', 3), share('b', 1, true), share('c', 0)];
    const found = limiter(5, new Date(NOW + 62_000), processes);
    expect(tellFound(URL, found, {}, NOW)).toBe(
      [
        `${URL} is a rate limiter: 9 of 10/1m in use, 1 stale`,
        '  available  1',
        '  spent      5',
        '  more       at 2030-01-01T00:01:02.000Z (in 1m 2s)',
        '  process    aaaaaaaaaaaaaaaa may take 3, wants 6, wrote 3s ago',
        '  process    bbbbbbbbbbbbbbbb may take 1, wants 6, wrote 3s ago, dead',
        '  process    cccccccccccccccc waits in line, wants 6, wrote 3s ago',
        '',
      ].join('\n'),
    );
    expect(isInUse(found)).toBe(true);
  });

  it('is that none of it is in use', () => {
    const unused = limiter(0, undefined, []);
    expect(tellFound(URL, unused, {}, NOW)).toBe(
      `${URL} is a rate limiter: 0 of 10/1m in use\n  available  10\n  spent      0\n`,
    );
    expect(isInUse(unused)).toBe(false);
  });
});

describe('what is told of nothing, and of a free lock that keeps a counter', () => {
  it.each([undefined, { url: URL, name: 'x', kind: 'free' } as const])('is that it is free: %j', (found) => {
    expect(tellFound(URL, found, {}, NOW)).toBe(`${URL} is free\n`);
    expect(describeFound(URL, found)).toEqual({ lock: URL, state: 'free' });
  });
});
