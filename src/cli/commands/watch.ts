import type { Command } from 'commander';
import { addConnectionFlags, durationOption } from '../flags.ts';
import type { Invocation } from '../invocation.ts';
import type { WatchOptions } from '../watch-command.ts';

const EXAMPLES = `
Each look is one list request for 250 locks, charged at $0.005 per 1 000: a cent
for three hours at the default. Ctrl-C ends it. With --json each change is a
line: held, refreshed, stale, free, set, cleared, semaphore, pool, rate-limiter,
newer.

Examples:
  gcs-mutex watch gs://my-bucket/locks
  gcs-mutex watch gs://my-bucket/locks --json | jq 'select(.change == "stale")'
`;

/** `gcs-mutex watch`. */
export function addWatch(program: Command, { onExitCode }: Invocation): void {
  const watch = program
    .command('watch')
    .summary('watch the locks below a prefix')
    .description('Shows every lock below a prefix in a table that follows what happens.')
    .argument('<url>', 'where to look, as gs://bucket or gs://bucket/prefix')
    .addOption(durationOption('--interval <duration>', 'how often to look').default(5_000, '5s'))
    .option('--json', 'print each change as JSON, one object a line');
  addConnectionFlags(watch)
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: WatchOptions) => {
      const { watchCommand } = await import('../watch-command.ts');
      onExitCode(await watchCommand(url, options));
    });
}
