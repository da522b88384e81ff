import { CannotBegin, parseCommandLine, wholeNumber } from '../../../scripts/command-line.ts';
import { CONFIGS } from './configs.ts';
import type { Config } from './setup.ts';

export const HELP = `Usage: npm run explore -- [options]

Lets everything happen that can happen in a small world, in every order, to the
shipped reducers: two or three clients, so many faults. Prints a line for each
configuration, with exit code 1 and the shortest history where a rule is broken.

Options:
  --config NAME    only this configuration: ${listed()};
                   may be repeated
  --clients N      only configurations of so many clients
  --faults N       with so many faults, in place of a configuration's own number
  --max-states N   the end of a configuration that does not close before;
                   default 1000000
  --consequences   do not count a write without its guard as wrong in itself
  --json           print one JSON document, and nothing else
  --help           show this text
`;

/** What the command line asks for. */
export interface Settings {
  readonly configs: readonly Config[];
  readonly maxStates: number;
  readonly judgesGuards: boolean;
  readonly isJson: boolean;
}

/** @throws CannotBegin */
export function readSettings(args: readonly string[]): Settings | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const { clients, faults } = values;
  const named = values.config?.map(configOf) ?? CONFIGS;
  const clientCount = clients === undefined ? undefined : wholeNumber('--clients', clients, 2, 3);
  const maxFaults = faults === undefined ? undefined : wholeNumber('--faults', faults, 0);
  const wanted = named.filter(({ rates }) => clientCount === undefined || rates.length === clientCount);
  return {
    configs: maxFaults === undefined ? wanted : wanted.map((config) => bounded(config, maxFaults)),
    maxStates: wholeNumber('--max-states', values['max-states']),
    judgesGuards: !values.consequences,
    isJson: values.json,
  };
}

function parse(args: readonly string[]) {
  return parseCommandLine({
    args: [...args],
    options: {
      config: { type: 'string', multiple: true },
      clients: { type: 'string' },
      faults: { type: 'string' },
      'max-states': { type: 'string', default: '1000000' },
      consequences: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

function configOf(name: string): Config {
  const config = CONFIGS.find((known) => known.name === name);
  if (config === undefined) throw new CannotBegin(`--config must be one of ${listed()}; got ${name}`);
  return config;
}

function bounded(config: Config, maxFaults: number): Config {
  return { ...config, maxFaults };
}

function listed(): string {
  return CONFIGS.map(({ name }) => name).join(', ');
}
