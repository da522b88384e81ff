import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { EventAction, EventOptions } from '../event-command.ts';
import { addConnectionFlags, durationOption, FLAGS } from '../flags.ts';
import type { Invocation } from '../invocation.ts';

const EXIT_CODES = `
An event is set by one process, and others wait for it. It stays set until it is
cleared. wait ends at once where it is set, and prints its payload; of several
sets only the latest payload is kept. A set and a clear are a read and a write
each, a wait is about a read a second. status says how an event stands.

Whoever must notice each set goes by its number: wait --after 7 waits for the
eighth, and --json tells which it was.

Exit codes:
  0    done; or with wait: it was set
  124  --wait ran out; where the store did not answer then, a warning says so
       that -q does not hide
  125  it could not be done, or not be told

Examples:
  gcs-mutex event set gs://my-bucket/events/imported --payload "$(date -I)"
  gcs-mutex event wait gs://my-bucket/events/imported -w 10m && ./report.sh
  gcs-mutex event clear gs://my-bucket/events/imported
`;

const ACTIONS: readonly EventAction[] = ['set', 'clear', 'wait'];

/** `gcs-mutex event`. */
export function addEvent(program: Command, { onExitCode }: Invocation): void {
  const event = program
    .command('event')
    .summary('set or clear an event, or wait for it')
    .description('Sets an event that others wait for, clears it, or waits until it is set.')
    .addArgument(new Argument('<action>', 'what to do').choices(ACTIONS))
    .argument('<url>', 'the event, as gs://bucket/name')
    .option('--payload <text>', 'with set: a few words for those who wait, never a secret')
    .addOption(
      durationOption('-w, --wait <duration>', 'with wait: give up after so long (default: wait for ever)'),
    )
    .addOption(new Option('--after <n>', 'with wait: wait for a later set than this').argParser(parseNumber))
    .addOption(FLAGS.quiet())
    .addOption(FLAGS.json());
  addConnectionFlags(event)
    .addHelpText('after', EXIT_CODES)
    .action(async (action: EventAction, url: string, options: EventOptions) => {
      const { eventCommand } = await import('../event-command.ts');
      onExitCode(await eventCommand(action, url, options));
    });
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('It must be a whole number.');
  return number;
}
