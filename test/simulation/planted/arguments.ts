import { CannotBegin, parseCommandLine, wholeNumber } from '../../../scripts/command-line.ts';
import { type Bug, BUGS } from './bugs.ts';

export const HELP = `Usage: npm run planted -- [options]

Puts one mistake after another into the compiled library, and lets the explorer
and the simulator look for it. Prints a table of what found which, with exit
code 1 where one is not found. Takes about twenty minutes for all.

Options:
  --only TEXT      only bugs whose name contains this
  --most N         the most worlds that a bug may take to be found;
                   default 100000
  --most-more N    the same where the explorer has found it, or where nothing is
                   said to follow from it; default 3000
  --state FILE     keep what is done in a file, and go on from there
  --write          put the table into docs/evidence.md
  --help           show this text
`;

/** What the command line asks for. */
export interface Settings {
  readonly bugs: readonly Bug[];
  readonly mostWorlds: number;
  readonly mostMoreWorlds: number;
  readonly stateFile: string | undefined;
  readonly isWritten: boolean;
}

/** @throws CannotBegin */
export function readSettings(args: readonly string[]): Settings | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const bugs = BUGS.filter(({ name }) => name.includes(values.only));
  if (bugs.length === 0) throw new CannotBegin(`--only: no bug's name contains ${values.only}`);
  if (values.write && bugs.length < BUGS.length)
    throw new CannotBegin('--write needs all bugs, and so no --only');
  return {
    bugs,
    mostWorlds: wholeNumber('--most', values.most),
    mostMoreWorlds: wholeNumber('--most-more', values['most-more']),
    stateFile: values.state,
    isWritten: values.write,
  };
}

function parse(args: readonly string[]) {
  return parseCommandLine({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      most: { type: 'string', default: '100000' },
      'most-more': { type: 'string', default: '3000' },
      state: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}
