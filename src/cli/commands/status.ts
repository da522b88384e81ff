import type { Command } from 'commander';
import { addConnectionFlags, FLAGS } from '../flags.ts';
import type { Invocation } from '../invocation.ts';
import type { StatusOptions } from '../status-command.ts';

const EXIT_CODES = `
For a semaphore it says who holds each permit, for a pool how each resource
stands, for an event whether it is set, for a rate limiter how much is in use.
A lock that somebody made at the name of a semaphore or a pool hides it; list
shows both.

Exit codes:
  0    somebody holds the lock, or any permit or resource; the event is set;
       something of the rate limiter is in use
  1    it is free: nobody holds any of it, or the event is cleared
  125  it could not be told

Example:
  if gcs-mutex status gs://my-bucket/locks/nightly; then echo 'at work'; fi
`;

/** `gcs-mutex status`. */
export function addStatus(program: Command, { onExitCode }: Invocation): void {
  const status = program
    .command('status')
    .summary('say who holds a lock, or how else it stands')
    .description(
      'Says who holds a lock, since when, and whether its holder is alive. It takes one read, and where no object has ' +
        'that name one list, which finds semaphores and pools.',
    )
    .argument('<url>', 'the lock, or whatever it is, as gs://bucket/name')
    .addOption(FLAGS.json());
  addConnectionFlags(status)
    .addHelpText('after', EXIT_CODES)
    .action(async (url: string, options: StatusOptions) => {
      const { statusCommand } = await import('../status-command.ts');
      onExitCode(await statusCommand(url, options));
    });
}
