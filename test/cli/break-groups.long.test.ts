import { describe, expect, it } from 'vitest';
import { putPool, putSemaphore } from './groups.ts';
import { LockStore, urlOf } from './lock-store.ts';

const SEMAPHORE = 'limits/render';
const POOL = 'pools/vm';
const HOUR_MS = 3_600_000;
const slot = (index: number): string => `${SEMAPHORE}/slot-000${index}`;

/** A semaphore with two holders that live and one that is dead. */
async function full(): Promise<LockStore> {
  const store = await LockStore.open();
  await putSemaphore(store, SEMAPHORE, 3);
  await store.hold(slot(0), { holder: 'one', leaseId: '1'.repeat(32) });
  await store.hold(slot(1), { holder: 'two', leaseId: '2'.repeat(32) });
  await store.hold(slot(2), { holder: 'dead', leaseId: '3'.repeat(32) }, { heldFor: 5 * HOUR_MS });
  return store;
}

const left = (store: LockStore): number[] => [0, 1, 2].filter((index) => store.has(slot(index)));
const breakSemaphore = (store: LockStore, ...flags: readonly string[]) =>
  store.run(['break', urlOf(SEMAPHORE), '--yes', ...flags]);

describe('break, of a semaphore or a pool', () => {
  it.concurrent('takes the one permit that is meant, and nothing else', async () => {
    await using store = await full();
    const { code, stdout, stderr } = await breakSemaphore(store, '--slot', '1');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^gs:\S+render\/slot-0001 is held by two\n {2}since [^]*\ngs:\S+render\/slot-0001: broken\n$/,
    );
    expect(left(store)).toEqual([0, 2]);
    expect(store.has(`${SEMAPHORE}/permits`), 'the number stays').toBe(true);
  });

  it.concurrent('takes nothing where nobody said which, and asks for it', async () => {
    await using store = await full();
    const ended = await breakSemaphore(store);
    expect(ended).toMatchObject({ code: 125, stdout: '' });
    expect(ended.stderr).toMatch(
      /is a semaphore and is not broken as a whole: say which permit with --slot .* or --if-stale for what dead/,
    );
    expect(left(store)).toEqual([0, 1, 2]);
    const itsOwn = await store.run(['break', urlOf(slot(1)), '--yes']);
    expect(itsOwn.code, 'a permit is a lock of its own').toBe(0);
    expect(left(store)).toEqual([0, 2]);
  });

  it.concurrent('takes with --if-stale alone all that dead holders left, and ends with 0', async () => {
    await using store = await full();
    const { code, stdout } = await breakSemaphore(store, '--if-stale', '--json');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([code, lines.map(({ lock, result }) => [lock, result])]).toEqual([
      0,
      [
        [urlOf(slot(0)), 'not-stale'],
        [urlOf(slot(1)), 'not-stale'],
        [urlOf(slot(2)), 'broken'],
      ],
    ]);
    expect(left(store)).toEqual([0, 1]);
  });

  it.concurrent.each([
    [['--lease-id', '2'.repeat(32)], 0, [0, 2]],
    [['--holder', 'one'], 0, [1, 2]],
    [['--holder', 'nobody'], 1, [0, 1, 2]],
    [['--slot', '1', '--holder', 'one'], 1, [0, 1, 2]],
    [['--slot', '0', '--if-stale'], 1, [0, 1, 2]],
    [['--slot', '7'], 1, [0, 1, 2]],
    [['--resource', 'x'], 125, [0, 1, 2]],
  ])('keeps to %j: ends with %d and leaves %j', async (flags, code, rest) => {
    await using store = await full();
    expect((await breakSemaphore(store, ...flags)).code).toBe(code);
    expect(left(store)).toEqual(rest);
  });

  it.concurrent('leaves a permit alone that changes while it is being taken', async () => {
    await using store = await full();
    const match = { operation: 'objects.delete' } as const;
    const removal = store.server.faults.add({ match, when: 'before', do: { kind: 'hold' } });
    await using command = store.start(['break', urlOf(SEMAPHORE), '--yes', '--slot', '2']);
    await removal.strikes();
    await store.refresh(slot(2));
    removal.release();
    expect(await command.ended()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('changed while it was looked at'),
    });
    expect(left(store)).toEqual([0, 1, 2]);
  });

  it.concurrent('takes a resource of a pool', async () => {
    await using store = await LockStore.open();
    await putPool(store, POOL, ['blue', 'green']);
    await store.hold(`${POOL}/use-blue`);
    await store.hold(`${POOL}/use-green`);
    const one = await store.run(['break', urlOf(POOL), '--yes', '--resource', 'blue']);
    expect(one).toMatchObject({ code: 0, stdout: expect.stringMatching(/vm\/use-blue: broken\n$/) });
    expect([store.has(`${POOL}/use-blue`), store.has(`${POOL}/use-green`)]).toEqual([false, true]);
    expect((await store.run(['break', urlOf(POOL), '--yes', '--slot', '0'])).code).toBe(125);
  });

  it.concurrent('keeps to the holder of a lock, too', async () => {
    await using store = await LockStore.open();
    await store.hold('locks/a', { holder: 'one' });
    const other = await store.run(['break', urlOf('locks/a'), '--yes', '--holder', 'two']);
    expect(other).toMatchObject({ code: 1, stdout: expect.stringContaining('left alone') });
    expect(store.has('locks/a')).toBe(true);
  });
});

describe('wait, for a semaphore or a pool', () => {
  it.concurrent('goes on until a permit could be had', async () => {
    await using store = await full();
    const ended = await store.run(['wait', urlOf(SEMAPHORE)]);
    expect(ended, 'a dead holder keeps nobody out').toEqual({ code: 0, stdout: '', stderr: '' });
    await store.hold(slot(2), { holder: 'three' });
    await using command = store.start(['wait', urlOf(SEMAPHORE)]);
    await command.printed('stderr', '\n');
    expect(command.stderr).toMatch(/^gcs-mutex: waiting.* for gs:\S+render, 3 of 3 permits held, longest by/);
    await store.remove(slot(1));
    expect((await command.ended()).code).toBe(0);
  });

  it.concurrent('gives up on a pool of which all is held, with 124', async () => {
    await using store = await LockStore.open();
    await putPool(store, POOL, ['blue']);
    expect((await store.run(['wait', urlOf(POOL), '-w', '0'])).code).toBe(0);
    await store.hold(`${POOL}/use-blue`);
    const ended = await store.run(['wait', urlOf(POOL), '-w', '0']);
    expect(ended).toMatchObject({ code: 124, stderr: expect.stringContaining('1 of 1 resources held') });
  });
});
