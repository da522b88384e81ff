import { closeSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LockStore, urlOf } from './lock-store.ts';

const NIGHTLY = 'locks/nightly';

/** A file to which nothing can be written, as to one on a full disk. */
function openUnwritable(): Disposable & { readonly fd: number } {
  const fd = openSync('/dev/null', 'r');
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

describe('standard error', { timeout: 60_000 }, () => {
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

describe('standard output', { timeout: 60_000 }, () => {
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
