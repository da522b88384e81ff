import type { Command } from 'commander';
import { addConnectionFlags, durationOption, FLAGS } from '../flags.ts';
import type { Invocation } from '../invocation.ts';
import type { WaitOptions } from '../wait-command.ts';

const EXIT_CODES = `
A lock that is free now may be held again a moment later: to do something under
it, use run. --json says in the end whether it was free, held (by whom, since
when) or unknown, and how long that took.

Exit codes:
  0    nobody holds it, or its holder is dead or cut off; a permit of the
       semaphore, or a resource of the pool, could be had
  124  --wait ran out; where the store did not answer then, a warning says so
       that -q does not hide
  125  it could not be told

Example:
  gcs-mutex wait gs://my-bucket/locks/nightly -w 10m && echo 'the nightly job has ended'
`;

/** `gcs-mutex wait`. */
export function addWait(program: Command, { onExitCode }: Invocation): void {
  const wait = program
    .command('wait')
    .summary('wait until a lock is free')
    .description(
      'Waits until nobody holds a lock, or until something of a semaphore or a pool is free, without taking it. It looks every two seconds.',
    )
    .argument('<url>', 'the lock, semaphore or pool, as gs://bucket/name')
    .addOption(durationOption('-w, --wait <duration>', 'give up after so long (default: wait for ever)'))
    .addOption(FLAGS.quiet())
    .addOption(FLAGS.json());
  addConnectionFlags(wait)
    .addHelpText('after', EXIT_CODES)
    .action(async (url: string, options: WaitOptions) => {
      const { waitCommand } = await import('../wait-command.ts');
      onExitCode(await waitCommand(url, options));
    });
}
