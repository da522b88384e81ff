import { describe, expect, it } from 'vitest';
import { LockStore, urlOf } from './lock-store.ts';

const NAME = 'locks/nightly';
const URL = urlOf(NAME);
const ECHO = ['--', 'echo', 'began'];

/** How each command waits for a second, and what it says that it did not get. */
const WAITS = [
  ['run', ['run', '-w', '1s', URL, ...ECHO], 'not acquired after \\S+, and the command was not started'],
  [
    'run --permits',
    ['run', '-w', '1s', '--permits', '2', URL, ...ECHO],
    'not acquired after \\S+, and the command was not started',
  ],
  [
    'run --resources',
    ['run', '-w', '1s', '--resources', 'a,b', URL, ...ECHO],
    'not acquired after \\S+, and the command was not started',
  ],
  ['rate', ['rate', '--limit', '1/1m', '-w', '1s', URL, ...ECHO], `not taken after \\S+, 1 of ${URL}`],
  ['event wait', ['event', 'wait', '-w', '1s', URL], `${URL} was not seen to be set after 1s`],
  ['wait', ['wait', '-w', '1s', '--request-timeout', '1s', URL], `${URL} was not seen to be free after 1s`],
] as const;

/** A store to which requests come, and from which nothing ever does. */
async function openSilent(): Promise<LockStore> {
  const store = await LockStore.open();
  store.server.faults.add({ when: 'before', times: Infinity, do: { kind: 'stall' } });
  return store;
}

describe('a store that does not answer', () => {
  it.concurrent.each(WAITS)(
    'ends a wait of %s with 124, and a reason that --quiet does not hide',
    async (...on) => {
      const [, args, says] = on;
      await using store = await openSilent();
      const [command, ...rest] = args;
      const ended = await store.run([command, '-q', ...rest]);
      expect(ended).toMatchObject({ code: 124, stdout: '' });
      expect(ended.stderr).toMatch(
        new RegExp(
          `^gcs-mutex: ${says}: The store gave no usable answer for ${URL}\\. There was no answer [^\\n]*\\n$`,
        ),
      );
    },
  );

  it.concurrent('does not let -E 0 skip without a word', async () => {
    await using store = await openSilent();
    const ended = await store.run(['run', '-q', '-E', '0', '-w', '500ms', URL, ...ECHO]);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toContain('The store gave no usable answer');
    const held = await store.run(['run', '-n', '-E', '0', '--request-timeout', '500ms', URL, ...ECHO]);
    expect(held, 'no time was given').toMatchObject({ code: 125, stdout: '' });
  });

  it.concurrent('is told with who was seen last to hold the lock', async () => {
    await using store = await LockStore.open();
    await store.hold(NAME, { holder: 'the night job' });
    // Long enough for the store to say who holds it first.
    await using command = store.start(['run', '-w', '8s', URL, ...ECHO]);
    await command.printed('stderr', 'held by the night job');
    store.server.faults.add({ when: 'before', times: Infinity, do: { kind: 'status', status: 503 } });
    const ended = await command.ended();
    expect(ended).toMatchObject({ code: 124, stdout: '' });
    expect(ended.stderr).toMatch(
      /\ngcs-mutex: not acquired after 8s, and the command was not started; gs:\S+nightly is held by the night job since \S+, by the last answer of the store: The store gave no usable answer [^\n]*503[^\n]*\n$/,
    );
  });

  it.concurrent('is told to programs by its code', async () => {
    await using store = await openSilent();
    const { stderr } = await store.run(['run', '--json', '-w', '500ms', '--permits', '2', URL, ...ECHO]);
    expect(JSON.parse(stderr)).toEqual({
      event: 'not-acquired',
      lock: URL,
      waitedMs: expect.any(Number),
      code: 'ERR_STORE_UNAVAILABLE',
      message: expect.stringContaining('The store gave no usable answer'),
    });
  });
});
