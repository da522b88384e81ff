import { describe, expect, it } from 'vitest';
import { LockStore, urlOf } from './lock-store.ts';
import { putPool, putSemaphore } from './groups.ts';

const SEMAPHORE = 'limits/reports';
const POOL = 'pools/licences';
const HOUR_MS = 3_600_000;

describe('status of what is no lock', () => {
  it.concurrent('says of a semaphore who holds each permit, and ends with 0', async () => {
    await using store = await LockStore.open();
    await putSemaphore(store, SEMAPHORE, 3);
    await store.hold(`${SEMAPHORE}/slot-0000`, { holder: 'worker\u001b[31m', ttlMs: 3 * HOUR_MS });
    await store.hold(`${SEMAPHORE}/slot-0002`, { holder: 'dead' }, { heldFor: 26 * HOUR_MS });
    const { code, stdout, stderr } = await store.run(['status', urlOf(SEMAPHORE)]);
    expect([code, stderr]).toEqual([0, '']);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toBe(`${urlOf(SEMAPHORE)} is a semaphore: 1 of 3 held, 1 stale, 1 free; 2 can be had now`);
    expect(rows[0]).toMatch(/^NAME +HOLDER/);
    expect(rows[1]).toMatch(/^slot-0000 {2}worker\S* .* held$/);
    expect(rows[2]).toMatch(/^slot-0002 {2}dead .* stale$/);
    expect(rows).toHaveLength(3);
    expect(stdout).not.toContain('\u001b');
  });

  it.concurrent('ends with 1 where nobody holds any of a semaphore', async () => {
    await using store = await LockStore.open();
    await putSemaphore(store, SEMAPHORE, 3);
    expect(await store.run(['status', urlOf(SEMAPHORE)])).toEqual({
      code: 1,
      stdout: `${urlOf(SEMAPHORE)} is a semaphore: 0 of 3 held, 3 free; 3 can be had now\n`,
      stderr: '',
    });
  });

  it.concurrent('tells programs a semaphore as one JSON object', async () => {
    await using store = await LockStore.open();
    await putSemaphore(store, SEMAPHORE, 2);
    await store.hold(`${SEMAPHORE}/slot-0001`, { holder: 'me' });
    const { code, stdout } = await store.run(['status', '--json', urlOf(SEMAPHORE)]);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        lock: urlOf(SEMAPHORE),
        kind: 'semaphore',
        permits: 2,
        held: 1,
        free: 1,
        available: 1,
        holders: [{ slot: 1, holder: 'me', isStale: false }],
      },
    ]);
  });

  it.concurrent('says of a pool how each resource stands', async () => {
    await using store = await LockStore.open();
    await putPool(store, POOL, ['a', 'b', 'c']);
    await store.hold(`${POOL}/use-b`, { holder: 'me' });
    await store.put(`${POOL}/use-c`, {});
    await store.hold(`${POOL}/use-old`, { holder: 'the last one' });
    const { code, stdout } = await store.run(['status', urlOf(POOL)]);
    const [head, , ...rows] = stdout.trimEnd().split('\n');
    expect([code, head]).toEqual([0, `${urlOf(POOL)} is a pool: 1 of 3 held, 1 removed, 1 free, 1 unusable`]);
    expect(rows).toEqual([
      expect.stringMatching(/^a +free$/),
      expect.stringMatching(/^b +me .* held$/),
      expect.stringMatching(/^c +unusable$/),
      expect.stringMatching(/^old +the last one .* held, removed$/),
    ]);
  });
});
