import { type Command, Option } from 'commander';
import { addConnectionFlags, collectNames, FLAGS } from '../flags.ts';
import type { Invocation } from '../invocation.ts';
import type { ResourcesOptions } from '../resources-command.ts';

const EXIT_CODES = `
One that is removed while somebody holds it stays with that holder until it is
given back, and nobody gets it after that. Who says other names with
run --resources gets an error from then on.

Exit codes:
  0    done
  1    done, but some that were removed are still in use
  125  it could not be done, or nobody has said yet which there are

Example:
  gcs-mutex resources gs://my-bucket/pools/vm --add red --remove blue
`;

/** `gcs-mutex resources`. */
export function addResources(program: Command, { onExitCode }: Invocation): void {
  const resources = program
    .command('resources')
    .summary('say or change what a pool has')
    .description('Prints the resources of a pool, one a line, or changes them for everybody.')
    .argument('<url>', 'the pool, as gs://bucket/name')
    .addOption(new Option('--add <a,b>', 'resources to add').argParser(collectNames))
    .addOption(
      new Option('--remove <a,b>', 'resources to remove, after others were added').argParser(collectNames),
    )
    .addOption(FLAGS.json());
  addConnectionFlags(resources)
    .addHelpText('after', EXIT_CODES)
    .action(async (url: string, options: ResourcesOptions) => {
      const { resourcesCommand } = await import('../resources-command.ts');
      onExitCode(await resourcesCommand(url, options));
    });
}
