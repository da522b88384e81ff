import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../command-line.ts';
import { HELP, readSettings } from './args.ts';
import { CONFIGURATIONS } from './configurations.ts';
import { type Finished, runAll } from './run.ts';
import { formatJson, formatTable, isAsExpected } from './table.ts';
import { findTools } from './tools.ts';
import { formatTrace, readTrace } from './trace.ts';

const { stdout, stderr } = process;

/** This file is compiled to dist/scripts/spec. */
const ROOT = new URL('../../../', import.meta.url);

async function main(): Promise<number> {
  const settings = readSettings(process.argv.slice(2));
  if (settings.action === 'help') stdout.write(HELP);
  if (settings.action === 'list') stdout.write(CONFIGURATIONS.map(({ name }) => `${name}\n`).join(''));
  if (settings.action !== 'run') return 0;
  const tools = findTools(fileURLToPath(new URL('.tla', ROOT)), process.env);
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => {
      process.exitCode = 128 + constants.signals[name];
      interruption.abort();
    });
  }
  const { configurations, isJson } = settings;
  const tell = (run: Finished): void => {
    if (configurations.length > 1) stderr.write(`${run.configuration.name}: ${run.verdict}\n`);
  };
  const folder = fileURLToPath(new URL('spec', ROOT));
  const runs = await runAll(tools, configurations, folder, tell, interruption.signal);
  stdout.write(isJson ? `${formatJson(runs)}\n` : textOf(runs));
  return runs.every(isAsExpected) ? 0 : 1;
}

function textOf(runs: readonly Finished[]): string {
  const parts = [formatTable(runs)];
  for (const run of runs) {
    const hasTrace = run.verdict.startsWith('breaks') && (runs.length === 1 || !isAsExpected(run));
    if (hasTrace)
      parts.push(`${run.configuration.name} ${run.verdict}:\n\n${formatTrace(readTrace(run.output))}`);
    if (run.verdict === 'error') parts.push(`${run.configuration.name}: TLC says:\n\n${run.output}`);
  }
  return `${parts.join('\n\n')}\n`;
}

await runProgram('spec', async () => {
  try {
    return await main();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
    stderr.write('spec: ended\n');
    return 0;
  }
});
