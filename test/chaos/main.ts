import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MultiBar } from 'cli-progress';
import { SERVERS } from '../servers/servers.ts';
import { installedServer, whereToGet } from '../servers/start.ts';
import { Arena } from './arena.ts';
import { CannotBegin, runProgram } from '../../scripts/command-line.ts';
import { HELP, readSettings, type Settings } from './arguments.ts';
import { check, isClean } from './checker.ts';
import { FAULT_KINDS, type StoreName, writeHistory } from './history.ts';
import { judge } from './judge.ts';
import { historyPage } from './page/page.ts';
import { summarize } from './report.ts';
import { findFaketime } from './wall-clock.ts';

const { stdout, stderr } = process;
const isStrict = process.env['GCS_MUTEX_REQUIRE_SERVERS'] === '1';

/** A store that can be played on, and how to come by it. */
interface Stage {
  readonly store: StoreName;
  readonly storeUrl: string | undefined;
  readonly storeBinary: string | undefined;
}

async function main(): Promise<number> {
  const settings = readSettings(process.argv.slice(2));
  if (settings === 'help') {
    stdout.write(HELP);
    return 0;
  }
  const stages = settings.against.flatMap((store) => findStage(store, settings.against.length === 1));
  const faketime = findFaketime();
  if (faketime === undefined) {
    skip('wall clocks do not jump, since libfaketime is not installed (or name it with FAKETIME_LIBRARY)');
  }
  const interruption = listenForTheEnd();
  const scratch = mkdtempSync(join(tmpdir(), 'gcs-mutex-chaos-'));
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  mkdirSync(settings.out, { recursive: true });
  const bars = new MultiBar({
    format: '{bar} {value}/{total} s  {store}: {faults} faults, {entries} entries',
    stream: stderr,
    noTTYOutput: true,
    notTTYSchedule: 60_000,
  });
  const played = await Promise.all(
    stages.map((stage) => play(stage, settings, { faketime, scratch, interruption, bars })),
  ).finally(() => bars.stop());
  for (const { text } of played) stdout.write(text);
  const isAccepted = await letJudge(
    played.filter(({ hasLeases }) => hasLeases).map(({ path }) => path),
    scratch,
  );
  return isAccepted && played.every((run) => run.isClean) ? 0 : 1;
}

function findStage(store: StoreName, isOnly: boolean): readonly Stage[] {
  if (store === 'emulator') return [{ store, storeUrl: undefined, storeBinary: undefined }];
  const { variable = '' } = SERVERS.find(({ kind }) => kind === store) ?? {};
  const storeUrl = process.env[variable] || undefined;
  const storeBinary = installedServer(store);
  if (storeUrl === undefined && storeBinary === undefined) {
    const message = whereToGet(store, variable);
    if (isOnly || isStrict) throw new CannotBegin(message);
    skip(`nothing runs against ${store}: ${message}`);
    return [];
  }
  return [{ store, storeUrl, storeBinary }];
}

interface Around {
  readonly faketime: string | undefined;
  readonly scratch: string;
  readonly interruption: AbortSignal;
  readonly bars: MultiBar;
}

/** A whole run on one store: plays, checks, writes. */
async function play(stage: Stage, settings: Settings, around: Around) {
  const { faketime, scratch, interruption, bars } = around;
  const { store } = stage;
  const { ttlMs, workerCount, seed, minutes } = settings;
  const startedAt = new Date().toISOString();
  const counts = { faults: 0, entries: 0, writes: 0 };
  const faultKinds = new Set<string>(FAULT_KINDS);
  const arena = new Arena({
    ...stage,
    ttlMs,
    workerCount,
    seed,
    faketime,
    scratch,
    onEvent({ kind }) {
      if (faultKinds.has(kind)) counts.faults += 1;
      if (kind === 'enter') counts.entries += 1;
      if (kind === 'write') counts.writes += 1;
    },
  });
  const lock = await arena.open();
  const bar = bars.create(Math.round(minutes * 60), 0, { store, ...counts });
  const beginMs = arena.elapsedMs;
  const timer = setInterval(() => bar.update(Math.round((arena.elapsedMs - beginMs) / 1_000), counts), 250);
  const isEnough = (): boolean =>
    arena.elapsedMs - beginMs >= minutes * 60_000 &&
    counts.faults >= settings.faultCount &&
    counts.entries >= settings.entryCount &&
    // A run in which nothing was written shows nothing.
    counts.writes > 0;
  await arena.play(isEnough, interruption);
  clearInterval(timer);
  const events = await arena.close();
  const command =
    `npm run chaos -- --minutes ${minutes} --against ${store} --ttl ${ttlMs} ` +
    `--workers ${workerCount} --seed ${seed}`;
  const facts = { ...arena.facts, lock, durationMs: arena.elapsedMs, startedAt, commit: commit(), command };
  const { beliefs, verdict } = check(facts, events);
  const path = resolve(settings.out, `${store}.json`);
  const page = resolve(settings.out, `${store}.html`);
  const history = { facts, events, beliefs, verdict };
  writeHistory(path, history);
  writeFileSync(page, await historyPage(history));
  const text = `${summarize(history)}  ${path}\n  ${page}\n`;
  return { path, text, isClean: isClean(verdict), hasLeases: verdict.leaseCount > 0 };
}

/** Whether porcupine accepts what there is to judge; true where it is not there to ask. */
async function letJudge(paths: readonly string[], scratch: string): Promise<boolean> {
  if (paths.length === 0) return false;
  const ruling = await judge(paths, scratch);
  if (ruling.kind === 'ruled') {
    stdout.write(`porcupine: ${ruling.text.trimEnd().replaceAll('\n', '\nporcupine: ')}\n`);
    return ruling.isClean;
  }
  skip(`porcupine has judged nothing: ${ruling.why}`);
  return !isStrict;
}

/** The first time lets everything come to its end; the second time there is no more patience. */
function listenForTheEnd(): AbortSignal {
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      process.exitCode = 128 + constants.signals[name];
      if (interruption.signal.aborted) process.exit();
      interruption.abort();
    });
  }
  return interruption.signal;
}

function commit(): string | undefined {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--exclude', '*'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

function skip(what: string): void {
  stderr.write(`\nSKIPPED: ${what}.\n\n`);
}

await runProgram('chaos', main);
