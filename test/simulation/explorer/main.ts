import { runProgram } from '../../../scripts/command-line.ts';
import { HELP, readSettings } from './arguments.ts';
import { heading, line, type Reported, verdict } from './report.ts';
import { explore } from './search.ts';
import { setUp } from './setup.ts';
import { tell } from './story.ts';

// `npm run explore`: everything that can happen in a small world, and what came of it.
await runProgram('explore', () => {
  const settings = readSettings(process.argv.slice(2));
  if (settings === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const { configs, maxStates, judgesGuards, isJson } = settings;
  const all: Reported[] = [];
  if (!isJson) process.stdout.write(`${heading()}\n`);
  for (const config of configs) {
    const startedAt = process.cpuUsage();
    const explored = explore(config, { maxStates, judgesGuards });
    const { user, system } = process.cpuUsage(startedAt);
    const reported = { config, explored, seconds: (user + system) / 1e6 };
    all.push(reported);
    if (!isJson) process.stdout.write(`${line(reported)}\n`);
  }
  const violated = all.filter(({ explored }) => explored.violation !== undefined);
  if (isJson) process.stdout.write(`${JSON.stringify(all)}\n`);
  else {
    for (const { config, explored } of violated) {
      const story = explored.violation && tell(setUp(config), explored.violation.path);
      process.stdout.write(`\n${config.name}: ${explored.violation?.what}\n${story?.join('\n')}\n`);
    }
    process.stdout.write(`\n${verdict(all)}\n`);
  }
  return violated.length > 0 ? 1 : 0;
});
