import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../duration.ts';
import { addConnectionFlags } from '../flags.ts';
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
    .addOption(
      new Option('--interval <duration>', 'how often to look').argParser(parseInterval).default(5_000, '5s'),
    )
    .option('--json', 'print each change as JSON, one object a line');
  addConnectionFlags(watch)
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: WatchOptions) => {
      const { watchCommand } = await import('../watch-command.ts');
      onExitCode(await watchCommand(url, options));
    });
}

/** Each look is charged; and no timer of Node lasts a month, but ends at once instead. */
function parseInterval(text: string): number {
  const ms = parseDuration(text);
  if (ms < 50 || ms > 86_400_000) throw new InvalidArgumentError('It must be from 50ms to 1d.');
  return ms;
}
