import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { DIST } from './dist.ts';
import type { Sample } from './sample.ts';
import type { Plan, Report } from './soaked.ts';

/** The process of this very build; a leak that is planted has a build of its own. */
const PROGRAM = join(DIST, 'test/soak/soaked.js');
const BUCKET = 'soak';
/** A trend needs so many samples. */
export const TREND_SAMPLES = 8;
const SHORTEST_REFRESH_MS = 5_000;
const SHORTEST_TTL_MS = 60_000;
/** How long a process that has nothing but leases left may take to end, and how much longer for each of them. */
const FAREWELL_MS = 60_000;
const FAREWELL_MS_PER_LEASE = 1;

export interface SoakOptions {
  readonly durationMs: number;
  readonly leaseCount: number;
  /** How often all leases together are refreshed in a second, at the most. */
  readonly refreshesPerS: number;
  /** Default: that of this build. */
  readonly program?: string;
  /** In place of a minute and a millisecond for each lease. */
  readonly farewellMs?: number;
  /** Other values than those that follow from the above. */
  readonly plan?: Partial<Plan>;
  readonly onReport?: (report: Report) => void;
}

/** What was seen of one process. */
export interface Soaked {
  readonly plan: Plan;
  readonly acquireMs: number;
  readonly bytesPerLease: number;
  /** Those after the time for warming up. */
  readonly samples: readonly Sample[];
  readonly heldCount: number;
  /** Whatever it should not have said, thrown, printed or done. */
  readonly troubles: readonly string[];
  /** How long it took to end when only leases were left; undefined where it did not. */
  readonly farewellMs: number | undefined;
  readonly faultCount: number;
}

/** Starts a process with very many leases and an emulator for it, and looks at it for so long. */
export async function soak(options: SoakOptions): Promise<Soaked> {
  await using server = await startEmulator({ buckets: [BUCKET] });
  const faults = addFaults(server);
  const plan = planOf(options, server.url);
  const child = fork(options.program ?? PROGRAM, [JSON.stringify(plan)], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const samples: Sample[] = [];
  const troubles: string[] = [];
  let acquired = { tookMs: Number.NaN, bytesPerLease: Number.NaN };
  let heldCount = 0;
  let doneMs: number | undefined;
  child.on('message', (report: Report) => {
    options.onReport?.(report);
    if (report.kind === 'acquired') acquired = report;
    else if (report.kind === 'sample') samples.push(...(report.isMeasured ? [report.sample] : []));
    else if (report.kind === 'trouble') troubles.push(report.what);
    else [heldCount, doneMs] = [report.heldCount, performance.now()];
  });
  listen(child, (text) => troubles.push(`printed: ${text}`));
  const ended = once(child, 'exit');
  await Promise.race([once(child, 'disconnect'), ended]);
  const farewell = setTimeout(
    () => child.kill('SIGKILL'),
    options.farewellMs ?? FAREWELL_MS + FAREWELL_MS_PER_LEASE * plan.leaseCount,
  );
  await ended;
  clearTimeout(farewell);
  const hasEndedByItself = child.exitCode === 0 && doneMs !== undefined;
  if (!hasEndedByItself && child.signalCode !== 'SIGKILL') troubles.push(`ended with ${child.exitCode}`);
  return {
    plan,
    acquireMs: acquired.tookMs,
    bytesPerLease: acquired.bytesPerLease,
    samples,
    heldCount,
    troubles,
    farewellMs: hasEndedByItself && doneMs !== undefined ? performance.now() - doneMs : undefined,
    faultCount: faults.reduce((sum, { struck }) => sum + struck.length, 0),
  };
}

function planOf(options: SoakOptions, apiEndpoint: string): Plan {
  const { durationMs, leaseCount, refreshesPerS, plan } = options;
  const refreshIntervalMs = Math.max(SHORTEST_REFRESH_MS, (leaseCount / refreshesPerS) * 1_000);
  return {
    apiEndpoint,
    bucket: BUCKET,
    leaseCount,
    refreshIntervalMs,
    ttlMs: Math.max(SHORTEST_TTL_MS, 3 * refreshIntervalMs),
    durationMs,
    warmUpMs: durationMs / 5,
    warmUpCalls: 300,
    leastSamples: TREND_SAMPLES,
    sampleIntervalMs: Math.max(200, Math.min(10_000, durationMs / 60)),
    ...plan,
  };
}

/** One request in a hundred meets a failure: retries, reads after unknown outcomes and dead connections leave nothing. */
function addFaults(server: EmulatorServer) {
  const every = (remainder: number) => ({
    match: {
      object: /^(churn|idle)\//,
      where: ({ id }: { readonly id: number }) => id % 397 === remainder,
    },
    times: Infinity,
  });
  return [
    server.faults.add({ when: 'before', do: { kind: 'reset' }, ...every(0) }),
    server.faults.add({ when: 'after', do: { kind: 'reset' }, ...every(1) }),
    server.faults.add({ when: 'before', do: { kind: 'status', status: 503 }, ...every(2) }),
    server.faults.add({ when: 'after', do: { kind: 'truncate' }, ...every(3) }),
  ];
}

function listen(child: ChildProcess, onText: (text: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      const text = chunk.toString().trim();
      // That of counting the objects of a class, which a sample does.
      if (!text.includes('queryObjects')) onText(text);
    });
  }
}
