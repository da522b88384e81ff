import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runOn } from '../../src/cli/run-command.ts';
import type { RunTarget } from '../../src/cli/run-target.ts';
import { WaitTeller } from '../../src/cli/waiting.ts';
import { createMemoryBucket } from '../../src/testing/index.ts';
import { HeardNotes } from './heard-notes.ts';
import { scratchFolder } from './scratch.ts';

const NAME = 'locks/nightly';
const URL = `gs://memory/${NAME}`;

/** Runs a command under a lock whose process sleeps for a minute between having it and starting the command. */
async function runAfterSleep(meanwhile: 'nothing' | 'broken' | 'taken over', wait: boolean) {
  await using folder = await scratchFolder();
  const file = join(folder.path, 'it-ran');
  const { clock, process } = createMemoryBucket();
  const own = process();
  const rival = process().mutex(NAME);
  const mutex = own.mutex(NAME);
  const sleep = async (): Promise<void> => {
    own.machine.suspend();
    await clock.advance(60_000);
    if (meanwhile !== 'nothing') await rival.breakLock();
    if (meanwhile === 'taken over') await rival.acquire();
    own.machine.wake();
  };
  const target: RunTarget = {
    url: mutex.url,
    timing: mutex.timing,
    run: (work, options) => mutex.run((lease) => sleep().then(() => work(lease, {})), options),
    async tryRun(work, options) {
      const result = await mutex.tryRun((lease) => sleep().then(() => work(lease, {})), options);
      if (!result.ran) throw new Error('it was free');
      return result;
    },
    explanation: { looksAgain: false, look: () => Promise.resolve(undefined) },
    refusalAfter: () => Promise.reject(new Error('it was had')),
  };
  const notes = new HeardNotes({});
  const options = { wait, conflictExitCode: 124, onLost: 'kill', killAfter: 5_000 } as const;
  const telling = { notes, wait: new WaitTeller(URL, notes) };
  const exitCode = await runOn(target, ['touch', file], options, telling);
  return { exitCode, warnings: notes.warnings, hasRun: existsSync(file) };
}

describe.each([
  ['waits', true],
  ['does not wait', false],
])('a run that %s', (_how, wait) => {
  it.each([
    ['broken', 'the lock object is gone'],
    ['taken over', 'somebody else holds it now'],
  ] as const)('starts no command where the lock was %s in between, and says so', async (meanwhile, why) => {
    const sentence = `The lease on ${URL} was lost: ${why}. The command was not started.`;
    expect(await runAfterSleep(meanwhile, wait)).toEqual({
      exitCode: 123,
      warnings: [sentence],
      hasRun: false,
    });
  });

  it('starts the command where the lock is its own still', async () => {
    expect(await runAfterSleep('nothing', wait)).toEqual({ exitCode: 0, warnings: [], hasRun: true });
  });
});
