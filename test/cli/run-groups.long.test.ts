import { describe, expect, it, vi } from 'vitest';
import { putPool, putSemaphore } from './groups.ts';
import { BUCKET, LockStore, urlOf } from './lock-store.ts';

const SEMAPHORE = 'limits/render';
const POOL = 'pools/vm';

/** A command line that runs a shell's text under some of what is there. */
function run(name: string, flags: readonly string[], text: string): string[] {
  return ['run', ...flags, urlOf(name), '--', 'sh', '-c', text];
}

/** The locks below a name that somebody holds. */
function heldBelow(store: LockStore, name: string): string[] {
  return store.server
    .objects(BUCKET)
    .map((object) => object.name.slice(name.length + 1))
    .filter((below) => /^(slot|use)-/.test(below));
}

describe('run --permits', () => {
  it.concurrent('lets so many in at once, and tells whoever waits who they are', async () => {
    await using store = await LockStore.open();
    const begin = (holder: string) =>
      store.start(run(SEMAPHORE, ['--permits', '2', '--holder', holder], 'echo began; read line; exit 7'), {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
    await using first = begin('first');
    await first.printed('stdout', 'began');
    await using second = begin('second');
    await second.printed('stdout', 'began');
    await using third = begin('third');
    await third.printed('stderr', '\n');
    expect(third.stderr).toMatch(
      /^gcs-mutex: waiting \(waited \S+\) for gs:\S+render, 2 of 2 permits held, longest by first since \S+\n$/,
    );
    expect([third.stdout, heldBelow(store, SEMAPHORE).length]).toEqual(['', 2]);
    first.process.stdin?.end();
    await third.printed('stdout', 'began');
    expect((await first.ended()).code).toBe(7);
    for (const command of [second, third]) {
      command.process.stdin?.end();
      expect((await command.ended()).code).toBe(7);
    }
    expect(heldBelow(store, SEMAPHORE), 'all were given back').toEqual([]);
  });

  it.concurrent('gives no reason to wait while a permit can be had', async () => {
    await using store = await LockStore.open();
    await putSemaphore(store, SEMAPHORE, 1);
    const match = { operation: 'objects.insert' } as const;
    const taking = store.server.faults.add({ match, when: 'before', do: { kind: 'hold' } });
    await using command = store.start(run(SEMAPHORE, ['--permits', '1'], 'echo began'));
    await taking.strikes();
    const looks = () => store.server.requests.all().filter(({ operation }) => operation === 'objects.list');
    const before = looks().length;
    // It looks for a reason until there is one.
    await vi.waitUntil(() => command.stderr !== '' || looks().length > before + 1, { timeout: 600_000 });
    taking.release();
    expect(await command.ended()).toEqual({ code: 0, stdout: 'began\n', stderr: '' });
  });

  it.concurrent('tells the command the semaphore and its lease', async () => {
    await using store = await LockStore.open();
    const ended = await store.run(
      run(
        SEMAPHORE,
        ['--permits', '2'],
        'echo "$GCS_MUTEX_URL $GCS_MUTEX_LEASE_ID ${GCS_MUTEX_RESOURCE-none}"',
      ),
    );
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(new RegExp(`^${urlOf(SEMAPHORE)} [0-9a-f]{32} none\n$`));
  });

  it.concurrent('takes several permits, all or none, with --take', async () => {
    await using store = await LockStore.open();
    const tell = 'echo "$GCS_MUTEX_LEASE_ID"; read line; exit 0';
    await using first = store.start(run(SEMAPHORE, ['--permits', '3', '--take', '2'], tell), {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    await first.printed('stdout', '\n');
    expect(first.stdout).toMatch(/^[0-9a-f]{32} [0-9a-f]{32}\n$/);
    expect(heldBelow(store, SEMAPHORE)).toHaveLength(2);
    // Without --permits those that are stored count.
    const second = await store.run(run(SEMAPHORE, ['-n', '--take', '2'], 'echo began'));
    expect(second).toMatchObject({ code: 124, stdout: '' });
    expect(second.stderr).toMatch(
      / has 2 of 3 permits held, 2 wanted, longest by \S.* since \S+; the command/,
    );
    const third = await store.run(run(SEMAPHORE, ['-n', '--take', '4'], 'echo began'));
    expect(third).toMatchObject({ code: 125, stdout: '' });
    expect(third.stderr).toMatch(
      /^gcs-mutex: --take must be a whole number from 1 to 3, got 4 with gs:\S+\n$/,
    );
    first.process.stdin?.end();
    expect((await first.ended()).code).toBe(0);
    expect(heldBelow(store, SEMAPHORE), 'all were given back').toEqual([]);
  });

  it.concurrent('tells programs the semaphore and which of its permits', async () => {
    await using store = await LockStore.open();
    const ended = await store.run(run(SEMAPHORE, ['--permits', '1', '--json', '-v'], 'exit 0'));
    const told = ended.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const lock = urlOf(SEMAPHORE);
    // Where that takes a second, it may tell first that it waits.
    expect(told.filter(({ event }) => event !== 'waiting')).toMatchObject([
      { event: 'acquired', lock, slot: 0 },
      { event: 'command-ended' },
      { event: 'released', lock, slot: 0 },
    ]);
  });

  it.concurrent.each([
    [['-n'], 124, ''],
    // Long enough for the store to say who holds it: without an answer it would be another sentence.
    [['-w', '10s'], 124, ' after \\S+'],
    [['-w', '0', '-E', '75'], 75, ''],
  ])('starts nothing where every permit is held: %j ends with %d', async (flags, code, after) => {
    await using store = await LockStore.open();
    await putSemaphore(store, SEMAPHORE, 1);
    await store.hold(`${SEMAPHORE}/slot-0000`, { holder: 'somebody' });
    const ended = await store.run(run(SEMAPHORE, ['--permits', '1', ...flags], 'echo began'));
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(
      new RegExp(
        `(^|\n)gcs-mutex: not acquired${after}: gs:\\S+render has 1 of 1 permits held, longest by somebody since \\S+; the command was not started\n$`,
      ),
    );
  });

  it.concurrent('says of another number which there are, and what to do', async () => {
    await using store = await LockStore.open();
    await putSemaphore(store, SEMAPHORE, 3);
    expect(await store.run(run(SEMAPHORE, ['-n', '--permits', '5'], 'echo began'))).toEqual({
      code: 125,
      stdout: '',
      stderr: `gcs-mutex: ${urlOf(SEMAPHORE)} has 3 permits, not 5: say --permits 3, as all who use it must, or change it for everybody with gcs-mutex permits ${urlOf(SEMAPHORE)} 5\n`,
    });
    const changed = await store.run(['permits', urlOf(SEMAPHORE), '5']);
    expect(changed).toEqual({ code: 0, stdout: '5\n', stderr: '' });
    expect((await store.run(run(SEMAPHORE, ['--permits', '5'], 'echo began'))).stdout).toBe('began\n');
  });

  it.concurrent('ends the command where its permit is taken away, and only that one', async () => {
    await using store = await LockStore.open();
    // The refresh that finds it comes soon, and the end of a ttl that a slow machine missed does not.
    const flags = ['--permits', '2', '--ttl', '30m', '--refresh-interval', '1s'];
    const begin = () => store.start(run(SEMAPHORE, flags, 'echo began; exec sleep 1000'));
    await using first = begin();
    await first.printed('stdout', 'began');
    const [slot = ''] = heldBelow(store, SEMAPHORE);
    await using second = begin();
    await second.printed('stdout', 'began');
    await store.remove(`${SEMAPHORE}/${slot}`);
    const ended = await first.ended();
    expect(ended.code).toBe(123);
    expect(ended.stderr).toMatch(/the lease was lost \(deleted\): ending the command/);
    expect(second.hasEnded).toBe(false);
    second.signal('SIGINT');
    expect((await second.ended()).code).toBe(130);
    expect(heldBelow(store, SEMAPHORE), 'it was given back').toEqual([]);
  });

  it.concurrent('ends a wait with Ctrl-C', async () => {
    await using store = await LockStore.open();
    await putSemaphore(store, SEMAPHORE, 1);
    await store.hold(`${SEMAPHORE}/slot-0000`);
    await using command = store.start(run(SEMAPHORE, ['--permits', '1', '--json'], 'echo began'));
    await command.printed('stderr', '\n');
    command.signal('SIGINT');
    const { code, stdout, stderr } = await command.ended();
    expect([code, stdout]).toEqual([130, '']);
    expect(JSON.parse(stderr)).toMatchObject({
      event: 'waiting',
      lock: urlOf(SEMAPHORE),
      permits: 1,
      held: 1,
      stale: 0,
    });
  });
});

describe('run --resources', () => {
  const FLAGS = ['--resources', 'blue,green'];
  const TELL = 'echo "$GCS_MUTEX_RESOURCE $GCS_MUTEX_URL"';

  it.concurrent('gives each command a resource that nobody else has, and keeps to --only', async () => {
    await using store = await LockStore.open();
    const flags = [...FLAGS, '--only', 'green'];
    await using first = store.start(run(POOL, flags, `${TELL}; read line; exit 0`), {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    await first.printed('stdout', '\n');
    expect(first.stdout).toBe(`green ${urlOf(POOL)}\n`);
    const second = await store.run(run(POOL, FLAGS, TELL));
    expect(second).toMatchObject({ code: 0, stdout: `blue ${urlOf(POOL)}\n` });
    const json = await store.run(run(POOL, [...FLAGS, '--json', '-v'], TELL));
    const acquired = json.stderr.split('\n').find((line) => line.includes('"acquired"'));
    expect(JSON.parse(acquired ?? '')).toMatchObject({ lock: urlOf(POOL), resource: 'blue' });
    // Without --resources those that are stored count.
    const third = await store.run(run(POOL, ['-n', '--only', 'green'], TELL));
    expect(third).toMatchObject({ code: 124, stdout: '' });
    expect(third.stderr).toMatch(
      /: gs:\S+vm has 1 of 1 resources held, longest by \S.* since \S+; the command/,
    );
    first.process.stdin?.end();
    expect((await first.ended()).code).toBe(0);
    expect(heldBelow(store, POOL)).toEqual([]);
  });

  it.concurrent('says of other resources which there are, and what to do', async () => {
    await using store = await LockStore.open();
    await putPool(store, POOL, ['blue', 'red']);
    const ended = await store.run(run(POOL, FLAGS, TELL));
    expect(ended).toMatchObject({ code: 125, stdout: '' });
    expect(ended.stderr).toMatch(
      /(^|\n)gcs-mutex: gs:\S+vm has the resources blue,red, not blue,green: say --resources .* gcs-mutex resources gs:\S+vm --add or --remove\n$/,
    );
    const changed = await store.run(['resources', urlOf(POOL), '--add', 'green', '--remove', 'red']);
    expect(changed).toEqual({ code: 0, stdout: 'blue\ngreen\n', stderr: '' });
    expect((await store.run(run(POOL, FLAGS, TELL))).code).toBe(0);
  });

  it.concurrent('says of a name that is no pool yet how to make it one', async () => {
    await using store = await LockStore.open();
    const ended = await store.run(run(POOL, ['--only', 'x'], TELL));
    expect(ended).toMatchObject({ code: 125, stderr: expect.stringContaining('is no pool yet') });
  });
});

describe('permits and resources', () => {
  it.concurrent('say what is stored, and what is not yet', async () => {
    await using store = await LockStore.open();
    const nothing = await store.run(['permits', urlOf(SEMAPHORE)]);
    expect(nothing).toMatchObject({ code: 125, stderr: expect.stringContaining('is no semaphore yet') });
    await putSemaphore(store, SEMAPHORE, 3);
    const told = await store.run(['permits', '--json', urlOf(SEMAPHORE)]);
    expect(JSON.parse(told.stdout)).toEqual({ lock: urlOf(SEMAPHORE), permits: 3 });
  });

  it.concurrent('end with 1 where what was removed is still in use', async () => {
    await using store = await LockStore.open();
    await putPool(store, POOL, ['blue', 'red']);
    await store.hold(`${POOL}/use-red`);
    expect(await store.run(['resources', urlOf(POOL), '--remove', 'red'])).toEqual({
      code: 1,
      stdout: 'blue\n',
      stderr: 'gcs-mutex: removed, and still in use until given back: red\n',
    });
  });
});
