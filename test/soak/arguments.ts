import { CannotBegin, parseCommandLine, wholeNumber } from '../../scripts/command-line.ts';

export const HELP = `Usage: npm run soak -- [options]

Keeps idle leases and makes calls without a pause, in a process of their own,
against the embedded emulator in another, which loses some requests and
answers. Looks at the heap, timers, sockets, files and listeners all the time.
Ends with exit code 1 if any of them grows, if a lease is lost, if anything is
thrown or printed, or if the process does not end by itself when only leases
are left.

Options:
  --minutes M   how long, after the leases were acquired; default 10
  --leases N    how many idle leases; default 10000
  --refreshes N how often all of them together are refreshed in a second, which
                sets their ttl; default 50. Fewer for a machine with other work
  --json        print one JSON object, and nothing else
  --help        show this text
`;

/** What the command line asks for. */
export interface Settings {
  readonly durationMs: number;
  readonly leaseCount: number;
  readonly refreshesPerS: number;
  readonly isJson: boolean;
}

/** @throws CannotBegin */
export function readSettings(args: readonly string[]): Settings | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const minutes = Number(values.minutes);
  if (!(minutes >= 0.05 && minutes <= 10_000))
    throw new CannotBegin(`--minutes must be a number from 0.05 to 10000, got ${values.minutes}`);
  return {
    durationMs: minutes * 60_000,
    leaseCount: wholeNumber('--leases', values.leases, 1, 99_999),
    refreshesPerS: wholeNumber('--refreshes', values.refreshes, 1, 99_999),
    isJson: values.json,
  };
}

function parse(args: readonly string[]) {
  return parseCommandLine({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      leases: { type: 'string', default: '10000' },
      refreshes: { type: 'string', default: '50' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}
