import { describe, expect, it, vi } from 'vitest';
import { putSpentLimit } from './groups.ts';
import { BUCKET, LockStore, urlOf } from './lock-store.ts';

const MAIL = 'limits/mail';
const HOUR_MS = 3_600_000;

/** One command line: flags, and what is to be started. */
function rate(flags: readonly string[], command?: readonly string[]): string[] {
  return ['rate', ...flags, urlOf(MAIL), ...(command === undefined ? [] : ['--', ...command])];
}

const sharesIn = (store: LockStore): string | undefined =>
  store.server.object(BUCKET, MAIL)?.metadata?.['shares'];

const operationsOn = (store: LockStore) => store.server.requests.all().map(({ operation }) => operation);

describe('rate', () => {
  it.concurrent('takes a permit, and hands on the exit code of its command', async () => {
    await using store = await LockStore.open();
    const odd = ['a b', '$HOME', ';', '--', '-n'];
    const script = 'printf "%s|" "$0" "$@"; exit 7';
    const ended = await store.run(rate(['--limit', '5/1h'], ['sh', '-c', script, ...odd]));
    expect(ended).toMatchObject({ code: 7, stdout: odd.map((word) => `${word}|`).join('') });
    expect(operationsOn(store)).toContain('objects.insert');
  });

  it.concurrent('ends with 0 after a read and a write, without a word, where there is nothing to start', async () => {
    await using store = await LockStore.open();
    // A wait of nothing is one look, and says nothing, however long that takes.
    expect(await store.run(rate(['--limit', '2/1h', '--count', '2', '-w', '0']))).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(operationsOn(store)).toEqual(['objects.get', 'objects.insert']);
    expect(await store.run(rate(['--limit', '2/1h', '-n']))).toMatchObject({ code: 124, stdout: '' });
  });

  it.concurrent('lets no more in than the limit', async () => {
    await using store = await LockStore.open();
    const begin = () => store.run(rate(['--limit', '2/1h', '-w', '10s'], ['echo', 'began']));
    const all = await Promise.all([begin(), begin(), begin()]);
    // A permit whose answer comes after five seconds is spent, and not had: then there are fewer.
    expect(all.filter(({ stdout }) => stdout === 'began\n').length).toBeLessThanOrEqual(2);
    expect(store.server.object(BUCKET, MAIL)?.metadata?.['limit']).toBe('2');
  });

  it.concurrent('says for how long it waits, and begins then', async () => {
    await using store = await LockStore.open();
    await putSpentLimit(store, MAIL, 2, HOUR_MS);
    await using waiting = store.start(rate(['--limit', '2/1h'], ['echo', 'began']));
    await waiting.printed('stderr', '\n');
    expect(waiting.stderr).toMatch(
      /^gcs-mutex: waiting \(waited \S+\) for gs:\S+mail, 2 of 2\/1h in use, more in (5\dm|1h)( \d+s)?, at \S+\n$/,
    );
    expect(waiting.stdout).toBe('');
    store.server.clock.skewMs += HOUR_MS + 8_000;
    expect(await waiting.ended()).toMatchObject({ code: 0, stdout: 'began\n' });
  });

  it.concurrent.each([
    [['-n'], 124, ''],
    // Long enough for the store to say that there is none: without an answer it would be another sentence.
    [['-w', '10s'], 124, ' after 10s'],
    [['-w', '0', '-E', '75'], 75, ''],
    [['-n', '-E', '0'], 0, undefined],
  ])('starts nothing where there is no permit: %j ends with %d', async (flags, code, after) => {
    await using store = await LockStore.open();
    await putSpentLimit(store, MAIL, 1, HOUR_MS);
    const ended = await store.run(rate(['--limit', '1/1h', ...flags], ['echo', 'began']));
    expect(ended).toMatchObject({ code, stdout: '' });
    const line = `(^|\n)gcs-mutex: not taken${after}: 1 of gs:\\S+mail, 1 of 1/1h in use, more in .*\n$`;
    expect(ended.stderr).toMatch(after === undefined ? /^$/ : new RegExp(line));
    expect(sharesIn(store), 'it stands in no line any more').toBe('');
  });

  it.concurrent('tells programs what happens, on standard error', async () => {
    await using store = await LockStore.open();
    const flags = ['--limit', '1/1h', '--json'];
    const took = await store.run(rate(flags, ['echo', 'began']));
    expect(took).toMatchObject({ code: 0, stdout: 'began\n' });
    const lock = urlOf(MAIL);
    const told = took.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    // Where that takes a second, it tells first that it waits.
    expect(told.filter(({ event }) => event !== 'waiting')).toEqual([
      { event: 'taken', lock, count: 1, waitedMs: expect.any(Number) },
      { event: 'command-ended', exitCode: 0 },
    ]);
    const { stderr } = await store.run(rate([...flags, '-n']));
    expect(JSON.parse(stderr)).toMatchObject({
      event: 'not-taken',
      lock,
      available: 0,
      limit: 1,
      waitedMs: 0,
    });
  });

  it.concurrent('says nothing of permits where the store never answered', async () => {
    await using store = await LockStore.open();
    store.server.faults.add({ when: 'before', times: Infinity, do: { kind: 'status', status: 503 } });
    const flags = ['--limit', '1/1h', '-w', '1200ms', '--request-timeout', '500ms'];
    const ended = await store.run(rate(flags, ['echo', 'began']));
    expect(ended).toMatchObject({ code: 124, stdout: '' });
    expect(ended.stderr).toMatch(
      /(^|\n)gcs-mutex: not taken after \S+, 1 of gs:\S+: The store gave no usable answer [^\n]*\n$/,
    );
    expect(ended.stderr).not.toContain('in use');
  });

  it.concurrent.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends a wait by %s with %d, and leaves the line', async (signal, code) => {
    await using store = await LockStore.open();
    await putSpentLimit(store, MAIL, 1, HOUR_MS);
    await using wait = store.start(rate(['--limit', '1/1h'], ['echo', 'began']));
    await wait.printed('stderr', 'waiting');
    await vi.waitUntil(() => sharesIn(store) !== '', { timeout: 600_000 });
    wait.signal(signal);
    expect(await wait.ended()).toMatchObject({ code, stdout: '' });
    expect(sharesIn(store)).toBe('');
  });

  it.concurrent('passes signals on to its command, and kills it by a second Ctrl-C', async () => {
    await using store = await LockStore.open();
    const loop = 'echo ready; while :; do sleep 0.1; done';
    const trap = ['sh', '-c', `trap 'echo got; exit 9' TERM; ${loop}`];
    const deaf = ['sh', '-c', `trap 'echo ignored' INT; ${loop}`];
    await using heard = store.start(rate(['--limit', '9/1h'], trap));
    await using ignored = store.start(rate(['--limit', '9/1h'], deaf));
    await heard.printed('stdout', 'ready');
    heard.signal('SIGTERM');
    expect(await heard.ended()).toMatchObject({ code: 9, stdout: 'ready\ngot\n' });
    await ignored.printed('stdout', 'ready');
    ignored.signal('SIGINT');
    await ignored.printed('stdout', 'ignored');
    ignored.signal('SIGINT');
    expect((await ignored.ended()).code).toBe(137);
  });

  it.concurrent('names both limits where another one is stored, and begins nothing', async () => {
    await using store = await LockStore.open();
    await putSpentLimit(store, MAIL, 1, HOUR_MS);
    const ended = await store.run(rate(['--limit', '2/90m'], ['echo', 'began']));
    expect(ended).toMatchObject({ code: 125, stdout: '' });
    expect(ended.stderr).toMatch(
      /^gcs-mutex: gs:\S+mail allows 1\/1h, and --limit says 2\/90m: say the same/,
    );
  });
});
