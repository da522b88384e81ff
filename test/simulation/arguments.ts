import { CannotBegin, parseCommandLine, wholeNumber } from '../../scripts/command-line.ts';
import { type Kind, KINDS } from './kinds.ts';

export const HELP = `Usage: npm run simulate -- [options]

Plays the shipped lock, or what is built on it, in seeded worlds: clients on
machines with clocks of their own, a network that loses, delays and repeats,
stops, sleeps, crashes.
Ends with exit code 1 and a short history at the first kind of violation.

Options:
  --runs N          how many worlds; default 20000
  --seed S          the first seed; default 1
  --kind K          what the worlds are about: lock (the default), semaphore,
                    pool, rate or event
  --workers N       how many processes; default one for each core
  --until-failure   end with the first failing seed
  --state FILE      keep what is done in a file, and go on from there
  --json            print one JSON object, and nothing else
  --help            show this text

With --runs 1 the history of the world is printed, whether or not it fails.
`;

/** What the command line asks for. */
export interface Settings {
  readonly runCount: number;
  readonly firstSeed: number;
  readonly kind: Kind;
  readonly workerCount: number | undefined;
  readonly endsAtFailure: boolean;
  readonly stateFile: string | undefined;
  readonly isJson: boolean;
}

/** @throws CannotBegin */
export function readSettings(args: readonly string[]): Settings | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  return {
    runCount: wholeNumber('--runs', values.runs),
    firstSeed: wholeNumber('--seed', values.seed),
    kind: oneOf(KINDS, values.kind),
    workerCount: values.workers === undefined ? undefined : wholeNumber('--workers', values.workers),
    endsAtFailure: values['until-failure'],
    stateFile: values.state,
    isJson: values.json,
  };
}

function parse(args: readonly string[]) {
  return parseCommandLine({
    args: [...args],
    options: {
      runs: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      kind: { type: 'string', default: 'lock' },
      workers: { type: 'string' },
      state: { type: 'string' },
      'until-failure': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

function oneOf(kinds: readonly Kind[], value: string): Kind {
  const kind = kinds.find((known) => known === value);
  if (kind === undefined) throw new CannotBegin(`--kind must be one of ${kinds.join(', ')}`);
  return kind;
}
