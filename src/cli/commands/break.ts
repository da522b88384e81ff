import type { Command } from 'commander';
import type { BreakOptions } from '../break-command.ts';
import { addConnectionFlags, FLAGS } from '../flags.ts';
import type { Invocation } from '../invocation.ts';

const EXIT_CODES = `
Its holder finds out at its next refresh, or at the end of its lease; until then
two may work at once. Break what is surely dead. Only the version that was shown
is removed: a lock that changed meanwhile is left alone.

An event is removed as if it had never been set, a rate limiter with the limit
that is stored: more than that may be taken until all who use it notice. Of a
semaphore or a pool the permit or resource of one holder is broken, by its name.

Exit codes:
  0    removed
  1    left alone: free already, changed meanwhile, not confirmed; or, with
       --if-stale, its holder is alive, the event is set, the limiter in use
  125  it could not be done

Example:
  gcs-mutex break gs://my-bucket/locks/nightly --if-stale --yes
`;

/** `gcs-mutex break`. */
export function addBreak(program: Command, { onExitCode }: Invocation): void {
  const command = program
    .command('break')
    .summary('end a lock by force')
    .description("Shows who holds a lock, asks, and removes it: an operator's forced end.")
    .argument('<url>', 'the lock, event or rate limiter, as gs://bucket/name')
    .option('-y, --yes', 'do not ask')
    .option('--if-stale', 'only where its holder is dead or cut off by the clocks of the store')
    .addOption(FLAGS.json());
  addConnectionFlags(command)
    .addHelpText('after', EXIT_CODES)
    .action(async (url: string, options: BreakOptions) => {
      const { breakCommand } = await import('../break-command.ts');
      onExitCode(await breakCommand(url, options));
    });
}
