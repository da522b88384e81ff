import { describe, expect, it } from 'vitest';
import { LockStore, urlOf } from './lock-store.ts';

const NIGHTLY = 'locks/nightly';
const BREAK = ['break', urlOf(NIGHTLY)];
const RECORD = { holder: 'the night job' };
const LEASE_ID = '0123456789abcdef0123456789abcdef';

describe('break', () => {
  it.concurrent('shows who holds a lock, removes it, and ends with 0', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    const { code, stdout, stderr } = await store.run([...BREAK, '--yes']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^gs:\S+nightly is held by the night job\n {2}since [^]*\ngs:\S+nightly: broken\n$/,
    );
    expect(store.has(NIGHTLY)).toBe(false);
  });

  it.concurrent('asks nobody where there is no terminal, and asks the store nothing', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    const before = store.server.requests.count;
    expect(await store.run(BREAK)).toEqual({
      code: 125,
      stdout: '',
      stderr: 'gcs-mutex: there is no terminal to ask on: say --yes to break the lock without being asked\n',
    });
    expect(store.server.requests.count).toBe(before);
  });

  it.concurrent('leaves a lock alone that changes while it is being removed, and ends with 1', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    const match = { operation: 'objects.delete' } as const;
    const removal = store.server.faults.add({ match, when: 'before', do: { kind: 'hold' } });
    await using command = store.start([...BREAK, '-y']);
    await removal.strikes();
    await store.refresh(NIGHTLY);
    removal.release();
    const ended = await command.ended();
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('changed while it was looked at');
    expect(store.has(NIGHTLY)).toBe(true);
  });

  it.concurrent('leaves a lock alone that changes after it was shown', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    // The look that is shown passes; the one before the removal waits.
    const match = { operation: 'objects.get' } as const;
    const look = store.server.faults.add({ match, skip: 1, when: 'before', do: { kind: 'hold' } });
    await using command = store.start([...BREAK, '-y', '--json']);
    await look.strikes();
    await store.remove(NIGHTLY);
    await store.hold(NIGHTLY, { holder: 'the next one', leaseId: 'f'.repeat(32) });
    look.release();
    const { code, stdout } = await command.ended();
    expect([code, JSON.parse(stdout)]).toEqual([
      1,
      { lock: urlOf(NIGHTLY), result: 'changed', holder: 'the night job', leaseId: LEASE_ID },
    ]);
    expect(store.server.object('commands', NIGHTLY)?.metadata?.['holder']).toBe('the next one');
  });

  it.concurrent('removes with --if-stale only what a dead holder left', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    const alive = await store.run([...BREAK, '--if-stale', '--yes']);
    expect(alive.code).toBe(1);
    expect(alive.stdout).toContain('its holder is alive, left alone (--if-stale)');
    expect(store.has(NIGHTLY)).toBe(true);
    store.server.clock.skewMs += 3_600_000;
    expect((await store.run([...BREAK, '--if-stale', '--yes'])).code).toBe(0);
    expect(store.has(NIGHTLY)).toBe(false);
  });

  it.concurrent('says of a free lock that there is nothing to break, and ends with 1', async () => {
    await using store = await LockStore.open();
    const ended = await store.run([...BREAK, '--yes']);
    expect(ended).toEqual({
      code: 1,
      stdout: `${urlOf(NIGHTLY)}: free already, nothing to break\n`,
      stderr: '',
    });
  });

  it.concurrent.each<[string, boolean, readonly string[], number, object]>([
    ['broken', true, [], 0, { result: 'broken', holder: 'the night job', leaseId: LEASE_ID }],
    ['free', false, [], 1, { result: 'free' }],
    [
      'not-stale',
      true,
      ['--if-stale'],
      1,
      { result: 'not-stale', holder: 'the night job', leaseId: LEASE_ID },
    ],
  ])('tells programs the result as one JSON object: %s', async (_what, isHeld, flags, code, told) => {
    await using store = await LockStore.open();
    if (isHeld) await store.hold(NIGHTLY, RECORD);
    const ended = await store.run([...BREAK, '--yes', '--json', ...flags]);
    expect(ended).toMatchObject({ code, stderr: '' });
    expect(JSON.parse(ended.stdout)).toEqual({ lock: urlOf(NIGHTLY), ...told });
  });

  it.concurrent.each([
    ['events/imported', 'event', 'it is set', 'event', ['event', 'clear']],
    ['limits/mail', 'rate limiter', 'some of it is in use', 'rate-limiter', undefined],
  ] as const)(
    'removes %s as well, and with --if-stale only unused',
    async (name, words, why, kind, after) => {
      await using store = await LockStore.open();
      const url = urlOf(name);
      const make = kind === 'event' ? ['event', 'set', url] : ['rate', '--limit', '1/1h', url];
      await store.run(make);
      const kept = await store.run(['break', url, '--yes', '--if-stale']);
      expect(kept).toMatchObject({ code: 1, stderr: '' });
      expect(kept.stdout).toMatch(new RegExp(`^${url} is an? ${words}[^]*\n${url}: ${why}, left alone`));
      expect(store.has(name)).toBe(true);
      if (after === undefined) store.server.clock.skewMs += 2 * 3_600_000;
      else await store.run([...after, url]);
      const { code, stdout } = await store.run(['break', url, '--yes', '--if-stale', '--json']);
      expect([code, JSON.parse(stdout)]).toEqual([0, { lock: url, kind, result: 'broken' }]);
      expect(store.has(name)).toBe(false);
    },
  );

  it.concurrent('ends with 125 where the store refuses', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    const match = { operation: 'objects.delete' } as const;
    store.server.faults.add({ match, when: 'before', do: { kind: 'status', status: 403 } });
    const ended = await store.run([...BREAK, '--yes']);
    expect(ended).toMatchObject({ code: 125, stderr: expect.stringMatching(/^gcs-mutex: .*denied.*\n$/) });
    expect(store.has(NIGHTLY)).toBe(true);
  });
});

describe('clean', () => {
  const DAY_MS = 86_400_000;
  /** One that lives, one that has been dead for a few hours, and one for two days. */
  const full = async (): Promise<LockStore> => {
    const store = await LockStore.open();
    await store.hold('locks/alive', RECORD);
    await store.hold('locks/dead', RECORD, { heldFor: 3 * 3_600_000 });
    await store.hold('locks/long-dead', RECORD, { heldFor: 2 * DAY_MS });
    return store;
  };
  const CLEAN = ['clean', 'gs://commands/locks'];
  const left = (store: LockStore): string[] => store.server.objects('commands').map(({ name }) => name);

  it.concurrent('removes what has been dead for a day, shows it, and ends with 0', async () => {
    await using store = await full();
    const { code, stdout, stderr } = await store.run(CLEAN);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^NAME [^\n]*\nlong-dead [^\n]* stale\nremoved 1 record below gs:\S+locks\/\n$/);
    expect(left(store)).toEqual(['locks/alive', 'locks/dead']);
  });

  it.concurrent('removes nothing with --dry-run, and says what it would', async () => {
    await using store = await full();
    const mutations = store.server.requests.mutations().length;
    const { code, stdout } = await store.run([...CLEAN, '--dry-run', '--stale-for', '1h']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\ndead .*\nlong-dead .*\nwould remove 2 records below gs:\S+locks\/\n$/);
    expect(store.server.requests.mutations(), 'nothing was written').toHaveLength(mutations);
  });

  it.concurrent('tells programs one removed record a line', async () => {
    await using store = await full();
    const { code, stdout } = await store.run([...CLEAN, '--json', '--stale-for', '0']);
    const lines = stdout.trimEnd().split('\n');
    expect([code, lines.map((line) => JSON.parse(line).name)]).toEqual([0, ['dead', 'long-dead']]);
    expect(left(store)).toEqual(['locks/alive']);
  });

  it.concurrent('leaves alone what came alive again since it was listed', async () => {
    await using store = await full();
    const match = { operation: 'objects.delete' } as const;
    const removal = store.server.faults.add({ match, when: 'before', do: { kind: 'hold' } });
    await using command = store.start(CLEAN);
    await removal.strikes();
    await store.refresh('locks/long-dead');
    removal.release();
    expect(await command.ended()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^removed 0 records/),
    });
    expect(left(store)).toHaveLength(3);
  });

  it.concurrent('ends with 125 where it may not list', async () => {
    await using store = await full();
    const match = { operation: 'objects.list' } as const;
    store.server.faults.add({ match, when: 'before', do: { kind: 'status', status: 403 } });
    expect(await store.run(CLEAN)).toMatchObject({
      code: 125,
      stdout: '',
      stderr: expect.stringMatching(/^gcs-mutex: Permission denied on .*roles\/storage\.objectUser.*\n$/),
    });
  });
});
