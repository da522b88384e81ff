import type { Command } from 'commander';
import type { CleanCommandOptions } from '../clean-command.ts';
import { addConnectionFlags, durationOption, FLAGS } from '../flags.ts';
import type { Invocation } from '../invocation.ts';

const EXAMPLES = `
Whoever waits for a lock takes a stale one over at once: what is left behind is
what nobody wants any more. Each removal is guarded by the version that was
listed, so that a lock which came alive again is left alone. An event goes when
it has been cleared for so long, a rate limiter when nothing taken from it has
counted for so long, a semaphore or a pool when nobody has used it for so long,
but at least for a day.

Examples:
  gcs-mutex clean gs://my-bucket/locks --dry-run
  gcs-mutex clean gs://my-bucket/locks --stale-for 7d
`;

/** `gcs-mutex clean`. */
export function addClean(program: Command, { onExitCode }: Invocation): void {
  const clean = program
    .command('clean')
    .summary('remove what dead holders left behind')
    .description('Removes the records below a prefix that have been stale for long.')
    .argument('<url>', 'where to look, as gs://bucket or gs://bucket/prefix')
    .option('--dry-run', 'say what would be removed, and remove nothing')
    .addOption(
      durationOption('--stale-for <duration>', 'leave alone what has been stale for less').default(
        86_400_000,
        '1d',
      ),
    )
    .addOption(FLAGS.json());
  addConnectionFlags(clean)
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: CleanCommandOptions) => {
      const { cleanCommand } = await import('../clean-command.ts');
      onExitCode(await cleanCommand(url, options));
    });
}
