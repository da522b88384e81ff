import { type Command, Option } from 'commander';
import {
  addConnectionFlags,
  addWaitFlags,
  collectNames,
  collectPair,
  durationOption,
  FLAGS,
  parsePermits,
} from '../flags.ts';
import type { Invocation } from '../invocation.ts';
import type { RunOptions } from '../run-options.ts';

const EXIT_CODES_AND_EXAMPLES = `
Exit codes:
  the command's own; 128 + n where signal n ended it
  123  the lock was lost while the command ran, which was ended therefore
  124  somebody else holds the lock, or --wait ran out while the store did not
       answer, which a warning says that -q does not hide (-E changes it)
  125  gcs-mutex itself failed: arguments, credentials, bucket, network
  126  the command cannot be executed
  127  the command was not found

Examples:
  gcs-mutex run --wait 10m gs://my-bucket/locks/nightly -- ./report.sh --all
  gcs-mutex run --no-wait -E 0 gs://my-bucket/locks/backup -- /usr/local/bin/backup
  gcs-mutex run --ttl 2m --max-hold 1h gs://my-bucket/locks/import -- sh -c 'fetch | load'
  gcs-mutex run --permits 3 gs://my-bucket/limits/render -- ./render.sh
  gcs-mutex run --resources blue,green gs://my-bucket/pools/vm -- sh -c 'ssh "$GCS_MUTEX_RESOURCE" deploy'
`;

/** `gcs-mutex run`. */
export function addRun(program: Command, { command, onExitCode }: Invocation): void {
  const run: Command = program
    .command('run')
    .usage('[options] gs://bucket/name -- command [args...]')
    .summary('run a command under a lock')
    .description(
      'Waits for the lock, runs the command, and frees the lock however the command ends. The command is started ' +
        'without a shell, gets signals passed on, and is ended before anybody else can get the lock should it be lost.',
    )
    .argument('<url>', 'the lock, semaphore or pool, as gs://bucket/name');
  const checkWait = addWaitFlags(run, { where: 'somebody holds the lock', what: 'the lock' });
  addConnectionFlags(addLeaseFlags(addGroupFlags(run)))
    .addOption(FLAGS.quiet())
    .addOption(
      new Option('--json', 'say what happens to the lock as JSON, one object a line, on standard error'),
    )
    .addHelpText('after', EXIT_CODES_AND_EXAMPLES)
    .action(async (url: string, options: RunOptions) => {
      checkWait();
      const { runCommand } = await import('../run-command.ts');
      onExitCode(await runCommand(url, command ?? [], options));
    });
}

/** What turns the lock into something of which several may hold a part. */
function addGroupFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--permits <n>',
        'a semaphore in place of a lock: up to so many at once; the same for all who use it',
      ).argParser(parsePermits),
    )
    .addOption(
      new Option(
        '--take <n>',
        'of the permits of a semaphore so many, all or none (default: 1); without --permits of those that it has',
      ).argParser(parsePermits),
    )
    .addOption(
      new Option(
        '--resources <a,b,c>',
        'a pool in place of a lock: each of these is for one at a time, and the command finds the one that it got in GCS_MUTEX_RESOURCE; the same for all who use it',
      )
        .argParser(collectNames)
        .conflicts(['permits', 'take']),
    )
    .addOption(
      new Option(
        '--only <a,b>',
        'of the resources of a pool only these; without --resources of those that it has',
      )
        .argParser(collectNames)
        .conflicts(['permits', 'take']),
    );
}

function addLeaseFlags(command: Command): Command {
  return command
    .addOption(
      durationOption('--ttl <duration>', 'how long a crashed holder keeps others out (default: 60s)'),
    )
    .addOption(
      durationOption(
        '--kill-after <duration>',
        'how long before the end of a lease that cannot be refreshed the command gets SIGTERM; at the end it gets SIGKILL (default: 5s, or half of the room between two refreshes or of --max-hold)',
      ),
    )
    .addOption(
      durationOption(
        '--max-hold <duration>',
        'end the command after so long, however healthy: SIGKILL then, SIGTERM --kill-after before',
      ),
    )
    .addOption(
      new Option('--on-lost <what>', 'what to do with the command where the lock is lost')
        .choices(['kill', 'warn'])
        .default('kill'),
    )
    .option('--holder <label>', 'who holds it, for people (default: where this process runs)')
    .addOption(
      new Option(
        '--metadata <key=value>',
        'a string of your own that status shows; may be given several times',
      ).argParser(collectPair),
    )
    .addOption(
      durationOption(
        '--refresh-interval <duration>',
        'how often the lock is refreshed (default: a third of --ttl)',
      ),
    )
    .addOption(
      durationOption(
        '--margin <duration>',
        'how long before its ttl a lease counts as lost (default: a tenth of --ttl)',
      ),
    )
    .addOption(
      durationOption(
        '--clock-skew <duration>',
        'room for the difference between the clocks of the store (default: 2s)',
      ),
    )
    .addOption(
      new Option('--takeover <how>', 'what proves that a holder is dead')
        .choices(['server-clock', 'observation'])
        .default('server-clock'),
    );
}
