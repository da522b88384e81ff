import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run demo -- [options]

Starts the embedded emulator of Google Cloud Storage and four processes that
want one lock on it. Shows who waits and who holds, kills one holder, stops
another past its time, and lets a process of its own judge whether two ever
held the lock at once. Takes about 20 seconds.

Options:
  --bucket NAME   play on this bucket. On Google it must exist and your own
                  credentials are used (twice as long, for less than a cent).
                  On an emulator it is made; default gcs-mutex-demo
  --ttl MS        the lock's time to live; everything else scales with it.
                  Default 3000, on Google 6000
  --seed N        repeat the random choices of an earlier run
  --json          print one JSON object a line, and nothing else
  --help          show this text

Environment:
  STORAGE_EMULATOR_HOST   play on this emulator in place of the embedded one
  NO_COLOR                no colours on a terminal either

Exit code: 0 if no two processes held the lock at once and all went as shown,
1 if not, 2 if it could not begin (arguments, server, bucket, credentials).
`;

/** What the command line asks for. */
export interface Settings {
  readonly bucket: string | undefined;
  readonly ttlMs: number | undefined;
  readonly seed: number;
  readonly isJson: boolean;
}

/** Why the demo could not begin: one sentence for the user, and exit code 2. */
export class CannotBegin extends Error {
  override readonly name = 'CannotBegin';
}

/** @throws CannotBegin on wrong arguments. */
export function readSettings(args: readonly string[]): Settings | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  if (values.bucket === '') throw new CannotBegin('--bucket must name a bucket');
  return {
    bucket: values.bucket,
    ttlMs: wholeNumber('--ttl', values.ttl, 900, 60_000),
    seed: wholeNumber('--seed', values.seed, 0, 2 ** 32 - 1) ?? randomInt(1_000_000),
    isJson: values.json,
  };
}

function parse(args: readonly string[]): {
  bucket?: string;
  ttl?: string;
  seed?: string;
  json: boolean;
  help: boolean;
} {
  try {
    return parseArgs({
      args: [...args],
      options: {
        bucket: { type: 'string' },
        ttl: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    // Node adds advice on what else may have been meant; the first sentence says what is wrong.
    const [sentence = ''] = error instanceof Error ? error.message.split(/\. |\n/) : [String(error)];
    throw new CannotBegin(`${sentence} (--help shows what there is)`);
  }
}

function wholeNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new CannotBegin(
      `${name} must be a whole number from ${min} to ${max}, got ${JSON.stringify(text)}`,
    );
  }
  return value;
}
