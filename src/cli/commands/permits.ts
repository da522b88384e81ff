import type { Command } from 'commander';
import { addConnectionFlags, FLAGS, parsePermits } from '../flags.ts';
import type { Invocation } from '../invocation.ts';
import type { PermitsOptions } from '../permits-command.ts';

const EXIT_CODES = `
Fewer permits take none from anybody: who holds one keeps it, and nobody new
gets one while as many as the new number are held. Who says another number with
run --permits gets an error from then on.

Exit codes:
  0    done
  125  it could not be done, or nobody has said yet how many there are

Example:
  gcs-mutex permits gs://my-bucket/limits/render 5
`;

/** `gcs-mutex permits`. */
export function addPermits(program: Command, { onExitCode }: Invocation): void {
  const permits = program
    .command('permits')
    .summary('say or change how many permits a semaphore has')
    .description('Prints how many may hold a semaphore at once, or changes it for everybody.')
    .argument('<url>', 'the semaphore, as gs://bucket/name')
    .argument('[n]', 'the new number', parsePermits)
    .addOption(FLAGS.json());
  addConnectionFlags(permits)
    .addHelpText('after', EXIT_CODES)
    .action(async (url: string, count: number | undefined, options: PermitsOptions) => {
      const { permitsCommand } = await import('../permits-command.ts');
      onExitCode(await permitsCommand(url, count, options));
    });
}
