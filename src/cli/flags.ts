import { type Command, InvalidArgumentError, Option } from 'commander';
import { MAX_PERMITS } from '../protocol/semaphore.ts';
import { parseDuration } from './duration.ts';
import { cutValue } from './text.ts';

/** The flags that several commands share, each said once. */
export const FLAGS = {
  json: () => new Option('--json', 'print JSON, for programs'),
  quiet: () => new Option('-q, --quiet', 'say nothing but warnings and errors').conflicts('verbose'),
  verbose: () => new Option('-v, --verbose', 'say what happens to the lock, and what lies behind an error'),
  apiEndpoint: () =>
    new Option(
      '--api-endpoint <url>',
      'another endpoint, such as http://127.0.0.1:4443 (else STORAGE_EMULATOR_HOST, else Google)',
    ),
  userProject: () =>
    new Option('--user-project <id>', 'the project that is billed, for a requester-pays bucket'),
  requestTimeout: () =>
    durationOption('--request-timeout <duration>', 'how long one request may take (default: 10s)'),
} as const;

/** Where the store is, and who pays: for each command that asks it something. */
export function addConnectionFlags(command: Command): Command {
  return command
    .addOption(FLAGS.apiEndpoint())
    .addOption(FLAGS.userProject())
    .addOption(FLAGS.requestTimeout())
    .addOption(FLAGS.verbose());
}

/** A flag that takes a duration. */
export function durationOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parseDuration);
}

/** Whether and how long to wait, and the exit code of a wait in vain. */
export interface WaitFlags {
  /** False with `--no-wait`; else how long to wait, milliseconds: for ever where nothing is said. */
  readonly wait: number | boolean;
  readonly conflictExitCode: number;
}

/**
 * Adds the flags of {@link WaitFlags}.
 *
 * @param words - when there is nothing to be had at once, and what was not had then.
 * @returns a check that not both kinds of waiting were asked for.
 */
export function addWaitFlags(
  command: Command,
  { where, what }: { readonly where: string; readonly what: string },
): () => void {
  command
    .option('-n, --no-wait', `do not wait: give up at once where ${where}`)
    .addOption(durationOption('-w, --wait <duration>', 'give up after so long (default: wait for ever)'))
    .addOption(
      new Option('-E, --conflict-exit-code <code>', `exit code where ${what} was not had; 0 skips quietly`)
        .argParser(parseExitCode)
        .default(124),
    );
  // Both set the same value, and the later would win without a word.
  const given = new Set<string>();
  for (const flag of ['wait', 'no-wait']) command.on(`option:${flag}`, () => given.add(flag));
  return () => {
    if (given.size > 1) command.error("error: option '-n, --no-wait' cannot be used with '-w, --wait'");
  };
}

/** Reads an exit code. */
function parseExitCode(text: string): number {
  const code = Number(text);
  if (!/^\d+$/.test(text) || code > 255)
    throw new InvalidArgumentError('It must be a whole number from 0 to 255.');
  return code;
}

/** Reads one `key=value` more. */
export function collectPair(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be of the form key=value.');
  const key = text.slice(0, at);
  // The later would win without a word.
  if (Object.hasOwn(before, key))
    throw new InvalidArgumentError(`The key ${cutValue(key)} was given before.`);
  return { ...before, [key]: text.slice(at + 1) };
}

/** Reads names that commas part; a flag that is given several times adds to them. */
export function collectNames(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(',')];
}

/** Reads how many permits a semaphore has. */
export function parsePermits(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > MAX_PERMITS)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_PERMITS}.`);
  return Number(text);
}
