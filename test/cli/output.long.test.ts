import { closeSync, openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BUCKET, LockStore, urlOf } from './lock-store.ts';
import { UnreadPipe } from './unread-pipe.ts';

const NIGHTLY = 'locks/nightly';
const POLL_MS = 50;

/** A file to which nothing can be written, as to one on a full disk. */
function openUnwritable(): Disposable & { readonly fd: number } {
  const fd = openSync('/dev/null', 'r');
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

describe('standard error', () => {
  it.concurrent('that nobody reads keeps no lock from being refreshed', async () => {
    await using store = await LockStore.open();
    await using pipe = await UnreadPipe.open();
    const flags = ['--verbose', '--ttl', '30m', '--refresh-interval', '200ms'];
    await using command = store.start(
      ['run', ...flags, urlOf(NIGHTLY), '--', 'sh', '-c', 'echo began; exec yes >&2'],
      { stdio: ['ignore', 'pipe', pipe.fd] },
    );
    await command.printed('stdout', 'began');
    pipe.fill();
    const refreshCount = (): number =>
      Number(store.server.object(BUCKET, NIGHTLY)?.metadata?.['refresh-count']);
    // Each refresh is said.
    while (refreshCount() < 5) await pause(POLL_MS);
    command.signal('SIGTERM');
    let stderr = '';
    while (!command.hasEnded) {
      stderr += pipe.read();
      await pause(POLL_MS);
    }
    expect((await command.ended()).code).toBe(143);
    stderr += pipe.read();
    expect(stderr).toContain('\ngcs-mutex: refreshed');
    expect(stderr).toMatch(/\ngcs-mutex: released gs:\S+\n$/);
    expect(store.has(NIGHTLY)).toBe(false);
  });

  it.concurrent.each([
    ['a failure', ['status', 'gs://nobody-has-this/x'], 125],
    ['a misuse', ['statsu'], 125],
    ['a command that is said much of', ['run', '-v', urlOf(NIGHTLY), '--', 'sh', '-c', 'exit 7'], 7],
  ])('that cannot be written to changes no exit code: of %s', async (_what, args, code) => {
    await using store = await LockStore.open();
    using file = openUnwritable();
    const ended = await store.run(args, { stdio: ['ignore', 'pipe', file.fd] });
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(store.has(NIGHTLY)).toBe(false);
  });
});

describe('standard output', () => {
  it.concurrent.each([[['--help']], [['status', urlOf(NIGHTLY)]], [['list', urlOf('locks')]]])(
    'that cannot be written to makes a failure of it, which says so: %j',
    async (args) => {
      await using store = await LockStore.open();
      await store.hold(NIGHTLY);
      using file = openUnwritable();
      const ended = await store.run(args, { stdio: ['ignore', file.fd, 'pipe'] });
      expect(ended.code).toBe(125);
      expect(ended.stderr).toMatch(/^gcs-mutex: the result cannot be written: EBADF.*\n$/);
    },
  );
});
