import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CannotBegin, runProgram } from '../command-line.ts';
import { HELP, type Part, readSettings } from './args.ts';
import { readExplained } from './explained.ts';
import { judge, outdated, type Report, withoutStaticSurvivors } from './report.ts';
import { formatGoals, formatSurvivors, formatTable } from './table.ts';

const { stdout, stderr } = process;

/** This file is compiled to dist/scripts/mutate. */
const ROOT = new URL('../../../', import.meta.url);
const STRYKER = fileURLToPath(new URL('node_modules/@stryker-mutator/core/bin/stryker.js', ROOT));

/** Where Stryker keeps what it has found out, and goes on from: `incrementalFile` in stryker.json. */
const RESULTS = new URL('.stryker/results.json', ROOT);

async function main(): Promise<number> {
  const settings = readSettings(process.argv.slice(2));
  if (settings === 'help') {
    stdout.write(HELP);
    return 0;
  }
  if (settings.isForced) rmSync(RESULTS, { force: true });
  for (const part of settings.parts) {
    if (existsSync(RESULTS)) writeFileSync(RESULTS, JSON.stringify(withoutStaticSurvivors(lastReport())));
    stderr.write(`\nmutate: ${part.name}\n`);
    const exitCode = await mutate(part);
    if (exitCode !== 0) return exitCode;
  }
  if (!existsSync(RESULTS)) throw new CannotBegin('there is no last run');
  return verdict(lastReport());
}

function lastReport(): Report {
  return JSON.parse(readFileSync(RESULTS, 'utf8'));
}

/** @returns Stryker's exit code: 0 unless it could not run, since the verdict is ours. */
async function mutate(part: Part): Promise<number> {
  const child = spawn(
    process.execPath,
    [STRYKER, 'run', 'scripts/mutate/stryker.json', '--mutate', part.mutate.join(',')],
    {
      cwd: fileURLToPath(ROOT),
      env: { ...process.env, MUTATE_TESTS: part.tests.join(',') },
      stdio: 'inherit',
    },
  );
  await once(child, 'exit');
  return child.exitCode ?? 1;
}

function verdict(report: Report): number {
  const explained = readExplained(readFileSync(new URL('docs/evidence.md', ROOT), 'utf8'));
  const verdicts = judge(report, explained);
  const goals = formatGoals(verdicts);
  const old = outdated(report, explained);
  stdout.write(
    [
      formatTable(verdicts),
      formatSurvivors(
        'Not explained in docs/evidence.md:',
        verdicts.flatMap(({ unexplained }) => unexplained),
      ),
      formatSurvivors('Explained in docs/evidence.md, but not alive any more:', old),
      goals.text,
      '',
    ].join('\n'),
  );
  return goals.isReached && old.length === 0 ? 0 : 1;
}

await runProgram('mutate', main);
