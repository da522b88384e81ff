import { availableParallelism } from 'node:os';
import { SingleBar } from 'cli-progress';
import { CannotBegin, runProgram } from '../../scripts/command-line.ts';
import { HELP, readSettings, type Settings } from './arguments.ts';
import { playInProcesses } from './crew.ts';
import { add, type Failure, NOTHING, type Tally } from './runs.ts';
import { shrink } from './shrink.ts';
import { readProgress, Seam, writeProgress } from './state.ts';
import { type Kind, play } from './kinds.ts';

const { stdout, stderr } = process;

async function main(): Promise<number> {
  const settings = readSettings(process.argv.slice(2));
  if (settings === 'help') {
    stdout.write(HELP);
    return 0;
  }
  if (settings.runCount === 1) return tellOne(settings.firstSeed, settings.kind);
  const { tally, tookMs } = await simulate(settings);
  const { runCount, grantCount, requestCount, failures } = tally;
  const ratePerS = Math.round((runCount / tookMs) * 1_000);
  const { firstSeed } = settings;
  if (settings.isJson) {
    stdout.write(
      `${JSON.stringify({ firstSeed, runCount, grantCount, requestCount, ratePerS, tookMs, failures })}\n`,
    );
  } else {
    const what = `${runCount} worlds from seed ${firstSeed}, ${grantCount} grants, ${requestCount} requests`;
    stdout.write(
      `${what}, ${(tookMs / 1_000).toFixed(1)} s, ${ratePerS} worlds/s: ${failures.length} failed\n`,
    );
    if (failures[0] !== undefined) await tellShort(failures[0], settings.kind);
  }
  return failures.length === 0 ? 0 : 1;
}

/** Plays what a state file says is left, or everything. */
async function simulate(settings: Settings): Promise<{ readonly tally: Tally; readonly tookMs: number }> {
  const { firstSeed, runCount, endsAtFailure, stateFile, isJson } = settings;
  const earlier = stateFile === undefined ? undefined : readProgress(stateFile);
  if (earlier !== undefined && earlier.firstSeed !== firstSeed) {
    throw new CannotBegin(`--state ${stateFile} is about runs from seed ${earlier.firstSeed} on`);
  }
  const known = earlier?.tally ?? NOTHING;
  const startSeed = earlier?.nextSeed ?? firstSeed;
  const endSeed = firstSeed + runCount;
  const startedMs = performance.now();
  const tookMs = (): number => (earlier?.tookMs ?? 0) + performance.now() - startedMs;
  const bar = new SingleBar({
    format: '{bar} {value}/{total} worlds, {failures} failed, {eta_formatted} left',
    stream: stderr,
    noTTYOutput: false,
  });
  if (!isJson) bar.start(runCount, startSeed - firstSeed, { failures: known.failures.length });
  const seam = new Seam(startSeed);
  let failureCount = known.failures.length;
  const played = await playInProcesses({
    firstSeed: startSeed,
    kind: settings.kind,
    runCount: Math.max(0, endSeed - startSeed),
    workerCount: settings.workerCount ?? availableParallelism(),
    // Small enough that nobody is left with much when the others are done, and that little is lost with a crash.
    shareSize: Math.min(200, Math.ceil(runCount / 50)),
    onShare(share, tally) {
      failureCount += tally.failures.length;
      bar.increment(share.count, { failures: failureCount });
      seam.add(share, tally);
      if (stateFile !== undefined) {
        const nextSeed = seam.nextSeed;
        writeProgress(stateFile, { firstSeed, nextSeed, tally: add(known, seam.tally), tookMs: tookMs() });
      }
      return endsAtFailure && failureCount > 0;
    },
  });
  bar.stop();
  return { tally: add(known, played), tookMs: tookMs() };
}

/** Prints a whole world. */
async function tellOne(seed: number, kind: Kind): Promise<number> {
  const { history, violations, faults } = await play(seed, { keepsHistory: true, kind });
  stdout.write([...history, ...violations, ''].join('\n'));
  if (violations.length === 0) return 0;
  stdout.write(`With ${new Set(faults).size} faults. `);
  await tellShort({ seed, violations }, kind);
  return 1;
}

/** Prints the shortest history that is found of a failing seed. */
async function tellShort({ seed, violations }: Failure, kind: Kind): Promise<void> {
  const replay = `npm run simulate -- --runs 1 --seed ${seed}${kind === 'lock' ? '' : ` --kind ${kind}`}`;
  stdout.write(`Seed ${seed}: ${violations[0]}\nReplay it: ${replay}\n`);
  const { run, without } = await shrink(seed, (of, options) => play(of, { ...options, kind }));
  stdout.write(`Without ${without.size} faults that it does not need:\n`);
  stdout.write([...run.history, ...run.violations, ''].map((line) => `  ${line}`).join('\n'));
  stdout.write('\n');
}

await runProgram('simulate', main);
