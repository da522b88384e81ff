import { describe, expect, it } from 'vitest';
import { BUCKET, LockStore, urlOf } from './lock-store.ts';

const NIGHTLY = 'locks/nightly';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What is held for hours is told in hours and minutes, of which the last digit may change while a test looks. */
const AGE = { heldFor: 2 * HOUR_MS + 20.5 * MINUTE_MS, refreshedAgo: HOUR_MS + 10.5 * MINUTE_MS };
const RECORD = { holder: 'the night job', ttlMs: 3 * HOUR_MS, metadata: { run: '7' } };

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('status', () => {
  it.concurrent('says who holds a lock, since when and how alive, and ends with 0', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD, AGE);
    const before = store.server.requests.count;
    const ended = await store.run(['status', urlOf(NIGHTLY)]);
    expect(store.server.requests.count - before, 'it takes one read').toBe(1);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(
      new RegExp(
        [
          `^${urlOf(NIGHTLY)} is held by the night job`,
          String.raw`  since      \S+Z \(2h 2\dm ago\)`,
          String.raw`  refreshed  \S+Z \(1h 1\dm ago\)`,
          String.raw`  ttl        3h: 1h 4\dm left without another refresh`,
          '  lease id   [0-9a-f]{32}',
          String.raw`  version    \d+/2`,
          '  run        7\n$',
        ].join('\n'),
      ),
    );
  });

  it.concurrent('says that anybody may take over what a dead holder left', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD, { heldFor: 25.5 * HOUR_MS });
    const ended = await store.run(['status', urlOf(NIGHTLY)]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('ttl        3h: over, its holder is dead or cut off');
  });

  it.concurrent('says of a free lock that it is free, and ends with 1', async () => {
    await using store = await LockStore.open();
    const url = urlOf(NIGHTLY);
    expect(await store.run(['status', url])).toEqual({ code: 1, stdout: `${url} is free\n`, stderr: '' });
    const { code, stdout } = await store.run(['status', url, '--json']);
    expect([code, JSON.parse(stdout)]).toEqual([1, { lock: url, state: 'free' }]);
  });

  it.concurrent('tells programs the same as one JSON object', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD, AGE);
    const { code, stdout } = await store.run(['status', '--json', urlOf(NIGHTLY)]);
    expect(code).toBe(0);
    expect(linesOf(stdout)).toEqual([
      {
        lock: urlOf(NIGHTLY),
        state: 'held',
        holder: 'the night job',
        leaseId: expect.stringMatching(/^[0-9a-f]{32}$/),
        since: expect.stringMatching(/Z$/),
        refreshedAt: expect.stringMatching(/Z$/),
        ttlMs: 3 * HOUR_MS,
        isStale: false,
        version: { generation: expect.stringMatching(/^\d+$/), metageneration: '2' },
        metadata: { run: '7' },
      },
    ]);
  });
});

describe('list', () => {
  /** A lock of each kind, an object that is none, and one beside the prefix. */
  const full = async (): Promise<LockStore> => {
    const store = await LockStore.open();
    await store.hold('locks/a', RECORD, AGE);
    await store.hold('locks/b', { ...RECORD, holder: '' }, { heldFor: 25.5 * HOUR_MS });
    await store.hold('locks/c', { state: 'free', counter: '7' });
    await store.put('locks/d', { schema: 'gcs-mutex/2' });
    await store.put('locks/photo', {});
    await store.hold('locks-of-others/x', RECORD);
    return store;
  };

  it.concurrent('shows a table of what is below a prefix, and nothing beside it', async () => {
    await using store = await full();
    const ended = await store.run(['list', `gs://${BUCKET}/locks`]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const rows = ended.stdout.trimEnd().split('\n');
    expect(rows[0]).toMatch(/^NAME  HOLDER +HELD FOR  REFRESHED +TTL LEFT  STATE$/);
    expect(rows[1]).toMatch(/^a     the night job +2h 2\dm +1h 1\dm ago +1h 4\dm +held$/);
    expect(rows[2]).toMatch(/^b     an unnamed holder +1d 1h +1d 1h ago +0s +stale$/);
    expect(rows[3]).toMatch(/^c +free$/);
    expect(rows[4]).toMatch(/^d     gcs-mutex\/2 +newer$/);
    expect(rows).toHaveLength(5);
  });

  it.concurrent('tells programs one lock a line', async () => {
    await using store = await full();
    const { code, stdout } = await store.run(['list', `gs://${BUCKET}/locks/`, '--json']);
    expect(code).toBe(0);
    expect(linesOf(stdout)).toMatchObject([
      { url: urlOf('locks/a'), name: 'a', kind: 'held', staleForMs: 0, status: { holder: 'the night job' } },
      { url: urlOf('locks/b'), name: 'b', kind: 'held', status: { isStale: true } },
      { url: urlOf('locks/c'), name: 'c', kind: 'free' },
      { url: urlOf('locks/d'), name: 'd', kind: 'newer', schema: 'gcs-mutex/2' },
    ]);
  });

  it.concurrent('shows with --stale only what dead holders left', async () => {
    await using store = await full();
    const { stdout } = await store.run(['list', `gs://${BUCKET}`, '--stale', '--json']);
    expect(linesOf(stdout).map(({ name }) => name)).toEqual(['locks/b']);
  });

  it.concurrent.each([
    [[], 'no locks below gs://commands/nothing/'],
    [['--stale'], 'no stale locks below gs://commands/nothing/'],
  ])('says where there is nothing, and leaves standard output empty: %j', async (flags, words) => {
    await using store = await LockStore.open();
    const ended = await store.run(['list', `gs://${BUCKET}/nothing`, ...flags]);
    expect(ended).toEqual({ code: 0, stdout: '', stderr: `gcs-mutex: ${words}\n` });
  });

  it.concurrent('lists more than one page holds', async () => {
    await using store = await LockStore.open();
    for (let index = 0; index < 260; index += 1) await store.hold(`many/${index}`);
    const { stdout } = await store.run(['list', `gs://${BUCKET}/many`, '--json']);
    expect(new Set(linesOf(stdout).map(({ name }) => name)).size).toBe(260);
  });
});

describe('watch', () => {
  it.concurrent('streams each change as JSON until Ctrl-C', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    await using watch = store.start(['watch', '--json', '--interval', '50ms', `gs://${BUCKET}/locks`]);
    await watch.printed('stdout', '"held"');
    await store.refresh(NIGHTLY);
    await watch.printed('stdout', '"refreshed"');
    store.server.clock.skewMs += 4 * HOUR_MS;
    await watch.printed('stdout', '"stale"');
    await store.remove(NIGHTLY);
    await watch.printed('stdout', '"free"');
    watch.signal('SIGINT');
    const { code, stdout, stderr } = await watch.ended();
    expect([code, stderr]).toEqual([130, '']);
    const changes = linesOf(stdout);
    expect(changes.map(({ change }) => change)).toEqual(['held', 'refreshed', 'stale', 'free']);
    expect(changes[0]).toMatchObject({
      at: expect.stringMatching(/Z$/),
      url: urlOf(NIGHTLY),
      name: 'nightly',
      kind: 'held',
      status: { holder: 'the night job', metadata: { run: '7' } },
    });
    expect(changes[3]).toEqual({ at: expect.any(String), change: 'free', url: urlOf(NIGHTLY) });
  });

  it.concurrent('appends a table for each look where there is no terminal to draw on', async () => {
    await using store = await LockStore.open();
    await using watch = store.start(['watch', '--interval', '50ms', `gs://${BUCKET}/locks`]);
    await watch.printed('stdout', /^0 locks below gs:\/\/commands\/locks\/ at \S/);
    await store.hold(NIGHTLY, RECORD);
    await watch.printed('stdout', /\n1 lock below .*\n\nNAME +HOLDER.*\nnightly  the night job .* held\n/);
    watch.signal('SIGTERM');
    expect(await watch.ended()).toMatchObject({ code: 143, stderr: '' });
    expect(watch.stdout, 'neither colours nor moves of the cursor').not.toContain('\u001b');
  });

  it.concurrent('goes on after a hiccup of the store, and says what it was', async () => {
    await using store = await LockStore.open();
    await using watch = store.start(['watch', '--json', '--interval', '50ms', `gs://${BUCKET}/locks`]);
    const match = { operation: 'objects.list' } as const;
    await store.hold('locks/first');
    await watch.printed('stdout', '"held"');
    store.server.faults.add({ match, when: 'before', do: { kind: 'status', status: 403 } });
    await watch.printed('stderr', '\n');
    expect(linesOf(watch.stderr)).toMatchObject([{ event: 'error', code: 'ERR_PERMISSION_DENIED' }]);
    await store.hold('locks/second');
    await watch.printed('stdout', 'locks/second');
  });

  it.concurrent('ends with 125 where it cannot even begin', async () => {
    await using store = await LockStore.open();
    const ended = await store.run(['watch', 'gs://nobody-has-this']);
    expect(ended).toMatchObject({
      code: 125,
      stdout: '',
      stderr: expect.stringMatching(/^gcs-mutex: .*\n$/),
    });
  });
});
