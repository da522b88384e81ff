import type { Command } from 'commander';
import { addConnectionFlags, FLAGS } from '../flags.ts';
import type { Invocation } from '../invocation.ts';
import type { StatusOptions } from '../status-command.ts';

const EXIT_CODES = `
Exit codes:
  0    somebody holds the lock
  1    it is free
  125  it could not be told

Example:
  if gcs-mutex status gs://my-bucket/locks/nightly; then echo 'at work'; fi
`;

/** `gcs-mutex status`. */
export function addStatus(program: Command, { onExitCode }: Invocation): void {
  const status = program
    .command('status')
    .summary('say who holds a lock')
    .description('Says who holds a lock, since when, and whether its holder is alive. It takes one read.')
    .argument('<url>', 'the lock, as gs://bucket/name')
    .addOption(FLAGS.json());
  addConnectionFlags(status)
    .addHelpText('after', EXIT_CODES)
    .action(async (url: string, options: StatusOptions) => {
      const { statusCommand } = await import('../status-command.ts');
      onExitCode(await statusCommand(url, options));
    });
}
