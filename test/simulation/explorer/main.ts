import { parseArgs } from 'node:util';
import { CONFIGS } from './configs.ts';
import { heading, line, type Reported, verdict } from './report.ts';
import { explore } from './search.ts';
import { type Config, setUp } from './setup.ts';
import { tell } from './story.ts';

// `npm run explore`: everything that can happen in a small world, and what came of it.
const { values } = parseArgs({
  options: {
    config: { type: 'string', multiple: true },
    clients: { type: 'string' },
    faults: { type: 'string' },
    'max-states': { type: 'string', default: '1000000' },
    consequences: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const chosen = CONFIGS.filter(isWanted).map(bounded);
if (chosen.length === 0)
  throw new RangeError(`no such configuration; there are ${CONFIGS.map(nameOf).join(', ')}`);
const all: Reported[] = [];
if (!values.json) process.stdout.write(`${heading()}\n`);
for (const config of chosen) {
  const startedAt = process.cpuUsage();
  const explored = explore(config, {
    maxStates: Number(values['max-states']),
    judgesGuards: !values.consequences,
  });
  const { user, system } = process.cpuUsage(startedAt);
  const reported = { config, explored, seconds: (user + system) / 1e6 };
  all.push(reported);
  if (!values.json) process.stdout.write(`${line(reported)}\n`);
}
const violated = all.filter(({ explored }) => explored.violation !== undefined);
if (values.json) process.stdout.write(`${JSON.stringify(all)}\n`);
else {
  for (const { config, explored } of violated) {
    const story = explored.violation && tell(setUp(config), explored.violation.path);
    process.stdout.write(`\n${config.name}: ${explored.violation?.what}\n${story?.join('\n')}\n`);
  }
  process.stdout.write(`\n${verdict(all)}\n`);
}
process.exitCode = violated.length > 0 ? 1 : 0;

function isWanted({ name, rates }: Config): boolean {
  if (values.config !== undefined && !values.config.includes(name)) return false;
  return values.clients === undefined || rates.length === Number(values.clients);
}

function bounded(config: Config): Config {
  return values.faults === undefined ? config : { ...config, maxFaults: Number(values.faults) };
}

function nameOf({ name }: Config): string {
  return name;
}
