import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Rate } from '../../index.ts';
import { readDuration } from '../duration.ts';
import { addConnectionFlags, addWaitFlags, FLAGS } from '../flags.ts';
import type { Invocation } from '../invocation.ts';
import type { RateOptions } from '../rate-command.ts';

const EXIT_CODES_AND_EXAMPLES = `
In any sliding window of the limit's duration, all who use the limiter begin
with no more than its number, by the clock of the store. What is taken counts up
to 8 seconds longer, since nobody knows when within them it was used; and the
store takes about one write a second, so that no more begin than one a second.
What is to be quicker is a process that stays and uses the library. Each call is
a read and a write, a wait a read a second.

Exit codes:
  the command's own; 128 + n where signal n ended it; 0 without a command
  124  there was no permit, or --wait ran out while the store did not answer,
       which a warning says that -q does not hide (-E changes it)
  125  gcs-mutex itself failed: arguments, another limit, credentials, network
  126  the command cannot be executed
  127  the command was not found

Examples:
  gcs-mutex rate --limit 10/1m gs://my-bucket/limits/partner-api -- ./upload.sh
  gcs-mutex rate --limit 10/1m gs://my-bucket/limits/partner-api && curl https://partner.example
  gcs-mutex rate --limit 1/1h -n -E 0 gs://my-bucket/limits/warnings -- ./warn.sh
`;

/** `gcs-mutex rate`. */
export function addRate(program: Command, { command, onExitCode }: Invocation): void {
  const rate: Command = program
    .command('rate')
    .usage('[options] gs://bucket/name [-- command [args...]]')
    .summary('run a command no more often than a limit')
    .description(
      'Takes a permit of a rate limiter, waiting for it if need be, and then runs the command, or ends where there is none. ' +
        'The command is started without a shell and gets signals passed on.',
    )
    .argument('<url>', 'the rate limiter, as gs://bucket/name')
    .addOption(
      new Option(
        '--limit <n/duration>',
        'how many in how long a time, the same for all who use it, such as 10/1m',
      )
        .argParser(parseRate)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--count <n>', 'how many permits it takes').argParser(parseCount).default(1));
  const checkWait = addWaitFlags(rate, { where: 'there is no permit', what: 'a permit' });
  addConnectionFlags(rate)
    .addOption(FLAGS.quiet())
    .addOption(
      new Option('--json', 'say what happens to the limiter as JSON, one object a line, on standard error'),
    )
    .addHelpText('after', EXIT_CODES_AND_EXAMPLES)
    .action(async (url: string, options: RateOptions) => {
      checkWait();
      const { rateCommand } = await import('../rate-command.ts');
      onExitCode(await rateCommand(url, command, options));
    });
}

function parseRate(text: string): Rate {
  const [, limit, duration = ''] = /^(\d+)\/(.+)$/.exec(text) ?? [];
  const windowMs = readDuration(duration);
  if (limit === undefined || windowMs === undefined)
    throw new InvalidArgumentError('It must be a number per duration such as 10/1m, 1/30s or 1000/1h.');
  return { limit: Number(limit), windowMs };
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
