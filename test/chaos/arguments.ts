import { randomInt } from 'node:crypto';
import { CannotBegin, parseCommandLine, wholeNumber } from '../../scripts/command-line.ts';
import type { StoreName } from './history.ts';

export const HELP = `Usage: npm run chaos -- [options]

Lets processes contend for one lock on each store and adds faults at random:
kills and restarts, stops, blocked event loops, cut networks, wall clocks that
jump (with libfaketime). While a worker believes that it holds the lock it adds
to a counter in another process, which shows two holders at once, and updates
that got lost. Writes a history of each store, and ends with exit code 1 on
either.

Options:
  --minutes M     how long; default 1. Less than one: 0.1 are six seconds
  --faults N      and until N faults have struck on each store; default 1
  --entries N     and until the lock was entered N times on each; default 1
  --against NAME  emulator (the embedded one), gcsemulator, or both; default both
  --ttl MS        the lock's time to live; default 1000
  --workers N     how many processes on each store, from 3 on; default 8
  --seed S        repeat the choices of an earlier run, though never its timing
  --out FOLDER    where the histories go, each with a page to look at; default .chaos
  --help          show this text
`;

/** What the command line asks for. */
export interface Settings {
  readonly minutes: number;
  readonly faultCount: number;
  readonly entryCount: number;
  readonly against: readonly StoreName[];
  readonly ttlMs: number;
  readonly workerCount: number;
  readonly seed: number;
  readonly out: string;
}

const AGAINST: Readonly<Record<string, readonly StoreName[]>> = {
  emulator: ['emulator'],
  gcsemulator: ['gcsemulator'],
  both: ['emulator', 'gcsemulator'],
};

/** @throws CannotBegin on wrong arguments. */
export function readSettings(args: readonly string[]): Settings | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const against = AGAINST[values.against];
  if (against === undefined) {
    throw new CannotBegin(`--against must be emulator, gcsemulator or both, got ${values.against}`);
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 10_000)) {
    throw new CannotBegin(`--minutes must be a number above 0, got ${values.minutes}`);
  }
  return {
    minutes,
    faultCount: wholeNumber('--faults', values.faults, 0, 1e9),
    entryCount: wholeNumber('--entries', values.entries, 0, 1e9),
    against,
    ttlMs: wholeNumber('--ttl', values.ttl, 500, 60_000),
    workerCount: wholeNumber('--workers', values.workers, 3, 100),
    seed: values.seed === undefined ? randomInt(1_000_000) : wholeNumber('--seed', values.seed, 0, 1e9),
    out: values.out,
  };
}

function parse(args: readonly string[]) {
  return parseCommandLine({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '1' },
      faults: { type: 'string', default: '1' },
      entries: { type: 'string', default: '1' },
      against: { type: 'string', default: 'both' },
      ttl: { type: 'string', default: '1000' },
      workers: { type: 'string', default: '8' },
      seed: { type: 'string' },
      out: { type: 'string', default: '.chaos' },
      help: { type: 'boolean', default: false },
    },
  }).values;
}
