import { describe, expect, it } from 'vitest';
import { BUCKET, LockStore, urlOf } from './lock-store.ts';

const IMPORTED = 'events/imported';

/** One command line. */
const event = (action: string, ...flags: string[]): string[] => ['event', action, urlOf(IMPORTED), ...flags];

const stateIn = (store: LockStore) => store.server.object(BUCKET, IMPORTED)?.metadata?.['state'];

describe('event', () => {
  it.concurrent('is set and cleared without a word, and a wait for a set one prints its payload', async () => {
    await using store = await LockStore.open();
    expect(await store.run(event('set', '--payload', '2026-11-29 ü'))).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(stateIn(store)).toBe('set');
    const payload = { code: 0, stdout: '2026-11-29 ü\n' };
    expect(await store.run(event('wait', '-w', '0'))).toEqual({ ...payload, stderr: '' });
    // Where it takes a second, it says that it waits.
    expect(await store.run(event('wait'))).toMatchObject(payload);
    expect(await store.run(event('clear'))).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(stateIn(store)).toBe('clear');
  });

  it.concurrent('ends a wait when it is set, which says that it waits', async () => {
    await using store = await LockStore.open();
    await using wait = store.start(event('wait'));
    await wait.printed('stderr', '\n');
    expect(wait.stderr).toMatch(
      /^gcs-mutex: waiting( \(waited \S+\))? for gs:\S+imported, until it is set\n$/,
    );
    await store.run(event('set'));
    expect(await wait.ended()).toMatchObject({ code: 0, stdout: '' });
  });

  it.concurrent('ends a wait of nothing with 124 after one look', async () => {
    await using store = await LockStore.open();
    const { code, stdout, stderr } = await store.run(event('wait', '-w', '0'));
    expect(store.server.requests.count).toBe(1);
    expect([code, stdout]).toEqual([124, '']);
    expect(stderr).toMatch(/^gcs-mutex: gs:\S+imported is still not set after 0s\n$/);
  });

  it.concurrent.each([[[]], [['--after', '0']]])(
    'ends a wait with 124 when its time is over: %j',
    async (flags) => {
      await using store = await LockStore.open();
      // Long enough for the store to say that it is not set: without an answer it would be another sentence.
      const ended = await store.run(event('wait', '-w', '10s', ...flags));
      expect(ended).toMatchObject({ code: 124, stdout: '' });
      expect(ended.stderr).toMatch(/(^|\n)gcs-mutex: gs:\S+imported is still not set after 10s\n$/);
    },
  );

  it.concurrent('tells programs which set it was, and waits for a later one', async () => {
    await using store = await LockStore.open();
    const lock = urlOf(IMPORTED);
    for (const setCount of [1, 2]) {
      const set = await store.run(event('set', '--json', '--payload', `n${setCount}`));
      expect(JSON.parse(set.stdout)).toEqual({ lock, setCount });
    }
    for (const wait of [[], ['--after', '1'], ['--after', '1', '-w', '0']]) {
      const next = await store.run(event('wait', '--json', ...wait));
      expect(JSON.parse(next.stdout)).toEqual({ lock, payload: 'n2', setCount: 2, isSet: true });
    }
    expect(await store.run(event('wait', '--after', '2', '-qw', '0'))).toEqual({
      code: 124,
      stdout: '',
      stderr: '',
    });
    const cleared = await store.run(event('clear', '--json'));
    expect(JSON.parse(cleared.stdout)).toEqual({ lock, isSet: false });
  });

  it.concurrent('ends a wait by SIGTERM with 143', async () => {
    await using store = await LockStore.open();
    await using wait = store.start(event('wait'));
    await wait.printed('stderr', 'waiting');
    wait.signal('SIGTERM');
    expect((await wait.ended()).code).toBe(143);
  });
});
