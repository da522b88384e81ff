import { CannotBegin, parseCommandLine } from '../command-line.ts';

export const HELP = `Usage: npm run mutate -- [options]

Changes the code in one place after the other, and runs the tests that reach it:
a change that no test notices is either no change, or a hole in the tests.
Takes long from nothing. It goes on from what the last run that came to its end
left in .stryker/.

Options:
  --part NAME    only this part: protocol, gcs, drivers, all; may be repeated
  --force        forget the last run
  --report       run nothing; judge what the last run left
  --help         show this text
`;

/** Some of the code, and the tests that are run on its mutants; no tests named: all of them. */
export interface Part {
  readonly name: string;
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

const PROTOCOL = 'src/protocol/**/*.ts';
const GCS = 'src/gcs/**/*.ts';
const DRIVERS = ['src/mutex.ts', 'src/lease.ts'];

/** Each with the tests that are closest to it, and then what is left with all tests. */
export const PARTS: readonly Part[] = [
  { name: 'protocol', mutate: [PROTOCOL], tests: ['protocol'] },
  { name: 'gcs', mutate: [GCS], tests: ['gcs'] },
  { name: 'drivers', mutate: DRIVERS, tests: ['mutex', 'driver', 'bucket', 'regressions'] },
  { name: 'all', mutate: [PROTOCOL, GCS, ...DRIVERS], tests: [] },
];

/** What the command line asks for. */
export interface Settings {
  readonly parts: readonly Part[];
  readonly isForced: boolean;
}

/** @throws CannotBegin */
export function readSettings(args: readonly string[]): Settings | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  if (values.report) return { parts: [], isForced: false };
  return { parts: values.part?.map(partOf) ?? PARTS, isForced: values.force };
}

function parse(args: readonly string[]) {
  return parseCommandLine({
    args: [...args],
    options: {
      part: { type: 'string', multiple: true },
      force: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

function partOf(name: string): Part {
  const part = PARTS.find((known) => known.name === name);
  if (part !== undefined) return part;
  const names = PARTS.map((known) => known.name).join(', ');
  throw new CannotBegin(`--part must be one of ${names}, got ${name}`);
}
