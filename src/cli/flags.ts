import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from './duration.ts';

/** The flags that several commands share, each said once. */
export const FLAGS = {
  json: () => new Option('--json', 'print JSON, for programs'),
  quiet: () => new Option('-q, --quiet', 'say nothing but warnings and errors'),
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

/** Reads an exit code. */
export function parseExitCode(text: string): number {
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
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
