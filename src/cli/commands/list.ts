import type { Command } from 'commander';
import { addConnectionFlags, FLAGS } from '../flags.ts';
import type { Invocation } from '../invocation.ts';
import type { ListOptions } from '../list-command.ts';

const EXAMPLES = `
Semaphores, pools, events and rate limiters are listed as well, each in one row.
With --json one of them a line: url, name, kind (held, free, semaphore, pool,
event, rate-limiter, newer), and what is known of it.

Examples:
  gcs-mutex list gs://my-bucket/locks
  gcs-mutex list gs://my-bucket --stale --json
`;

/** `gcs-mutex list`. */
export function addList(program: Command, { onExitCode }: Invocation): void {
  const list = program
    .command('list')
    .summary('list the locks below a prefix')
    .description(
      'Lists every lock below a prefix: who holds it, for how long, and whether the holder is alive.',
    )
    .argument('<url>', 'where to look, as gs://bucket or gs://bucket/prefix')
    .option('--stale', 'only those whose holder is dead or cut off')
    .addOption(FLAGS.json());
  addConnectionFlags(list)
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: ListOptions) => {
      const { listCommand } = await import('../list-command.ts');
      onExitCode(await listCommand(url, options));
    });
}
