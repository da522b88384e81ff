import { type Command, InvalidArgumentError, Option } from 'commander';
import { MAX_PERMITS } from '../../protocol/semaphore.ts';
import type { BreakOptions } from '../break-command.ts';
import { addConnectionFlags, FLAGS } from '../flags.ts';
import type { Invocation } from '../invocation.ts';

const EXIT_CODES = `
Its holder finds out at its next refresh, or at the end of its lease; until then
two may work at once. Break what is surely dead. Only the version that was shown
is removed: a lock that changed meanwhile is left alone.

Of a semaphore or a pool say which permit or resource, or whose, or --if-stale
for all that dead holders left; nothing else of it is touched. An event is
removed as if it had never been set, a rate limiter with the limit that is
stored: more than that may be taken until all who use it notice.

Exit codes:
  0    removed
  1    left alone, all or some: free already, changed meanwhile, not confirmed,
       held by somebody else (--holder, --lease-id); or, with --if-stale, its
       holder is alive, the event is set, the limiter in use
  125  it could not be done

Examples:
  gcs-mutex break gs://my-bucket/locks/nightly --if-stale --yes
  gcs-mutex break gs://my-bucket/limits/render --slot 2
  gcs-mutex break gs://my-bucket/pools/vm --resource blue
`;

/** `gcs-mutex break`. */
export function addBreak(program: Command, { onExitCode }: Invocation): void {
  const command = program
    .command('break')
    .summary('end a lock by force')
    .description("Shows who holds a lock, asks, and removes it: an operator's forced end.")
    .argument('<url>', 'the lock, or whatever it is, as gs://bucket/name')
    .option('-y, --yes', 'do not ask')
    .option('--if-stale', 'only where its holder is dead or cut off by the clocks of the store')
    .addOption(
      new Option('--slot <n>', 'of a semaphore this permit, as status numbers it').argParser(parseSlot),
    )
    .option('--resource <name>', 'of a pool this resource')
    .option('--lease-id <id>', 'only what this acquisition holds')
    .option('--holder <label>', 'only what a holder of this label holds')
    .addOption(FLAGS.json());
  addConnectionFlags(command)
    .addHelpText('after', EXIT_CODES)
    .action(async (url: string, options: BreakOptions) => {
      const { breakCommand } = await import('../break-command.ts');
      onExitCode(await breakCommand(url, options));
    });
}

function parseSlot(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) >= MAX_PERMITS)
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${MAX_PERMITS - 1}.`);
  return Number(text);
}
