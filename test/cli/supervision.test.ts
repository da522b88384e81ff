import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ProcessGroup } from '../../src/cli/process-group.ts';
import { Supervision } from '../../src/cli/supervision.ts';
import type { Lease } from '../../src/index.ts';
import { createMemoryBucket } from '../../src/testing/index.ts';
import { HeardNotes } from './heard-notes.ts';
import { scratchFolder } from './scratch.ts';

/** A lease, and how to lose it. */
async function acquire(): Promise<{ readonly lease: Lease; readonly lose: () => Promise<void> }> {
  const bucket = createMemoryBucket();
  const mutex = bucket.process().mutex('locks/nightly');
  const lease = await mutex.acquire();
  const lose = async (): Promise<void> => {
    await mutex.breakLock();
    await bucket.clock.advance(60_000);
    expect(lease.lossError?.reason).toBe('deleted');
  };
  return { lease, lose };
}

describe('supervision', () => {
  it.each([
    ['kill', 137, true],
    ['warn', 0, false],
  ] as const)(
    'with --on-lost=%s sees to a command whose lease was lost before it was looked after',
    async (onLost, code, hasEndedIt) => {
      const { lease, lose } = await acquire();
      await lose();
      const notes = new HeardNotes({});
      const group = new ProcessGroup(['sleep', onLost === 'kill' ? '60' : '0.01'], {});
      const supervision = new Supervision(group, lease, { onLost, killAfter: 1_000 }, notes);
      await group.started;
      expect(await group.ended).toBe(code);
      supervision.stop();
      expect(supervision.hasEndedIt).toBe(hasEndedIt);
      expect(supervision.hasWarned).toBe(true);
      expect(notes.warnings).toEqual([
        expect.stringMatching(/^the lease was lost \(deleted\)(: killing the command|; the command goes on)/),
      ]);
    },
  );

  it.each([
    [600, 600, '--max-hold is over in \\d+ms'],
    [3_600_000, 60_000, 'no refresh got through and the lease ends in 5\\d.*s'],
  ])('says why it ends a command that may hold its lock for %d ms', async (maxHold, killAfter, why) => {
    const mutex = createMemoryBucket().process().mutex('locks/nightly', { maxHoldMs: maxHold });
    const lease = await mutex.acquire();
    const notes = new HeardNotes({});
    const group = new ProcessGroup(['sleep', '60'], {});
    const options = { onLost: 'kill', killAfter, maxHold } as const;
    const supervision = new Supervision(group, lease, options, notes);
    expect(await group.ended).toBe(143);
    supervision.stop();
    expect(notes.warnings).toEqual([expect.stringMatching(`^${why}: ending the command`)]);
  });

  it('leaves a command alone whose lease is healthy', async () => {
    const { lease } = await acquire();
    const notes = new HeardNotes({});
    const group = new ProcessGroup(['sh', '-c', 'exit 3'], {});
    const supervision = new Supervision(group, lease, { onLost: 'kill', killAfter: 1_000 }, notes);
    expect(await group.ended).toBe(3);
    await supervision.finish();
    supervision.stop();
    expect([supervision.hasEndedIt, supervision.hasWarned, notes.warnings]).toEqual([false, false, []]);
    await lease.release();
  });
});

describe('a group of processes', () => {
  it('that was killed has left nothing behind', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'started');
    const line = 'for i in 1 2 3 4 5; do sleep 60 & done; : > "$0"; wait';
    const group = new ProcessGroup(['sh', '-c', line, file], {});
    await vi.waitFor(() => expect(existsSync(file)).toBe(true), 10_000);
    group.signal('SIGKILL');
    expect(await group.ended).toBe(137);
    expect(await group.clear(1_000)).toBe(false);
  });

  it('has left behind what outlives its command', async () => {
    const group = new ProcessGroup(['sh', '-c', 'sleep 60 & exit 0'], {});
    expect(await group.ended).toBe(0);
    expect(await group.clear(50)).toBe(true);
  });

  it('can be signalled from its first moment on', async () => {
    const group = new ProcessGroup(['sleep', '60'], {});
    expect(group.signal('SIGKILL')).toBe(true);
    await group.started;
    expect(await group.ended).toBe(137);
  });

  it.each([
    [['/no/such/command'], 127, /^command not found/],
    [['true', 'x'.repeat(300_000)], 126, /^cannot execute true: .*E2BIG/],
  ])('that cannot be started says so as a shell does', async ([command = '', ...args], exitCode, words) => {
    const start = async (): Promise<void> => new ProcessGroup([command, ...args], {}).started;
    await expect(start()).rejects.toMatchObject({ exitCode, message: expect.stringMatching(words) });
  });
});
