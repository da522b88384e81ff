// A program that holds very many leases and makes calls all the time, as a process of its own. It tells its parent
// what it has and what went wrong. Compiled by the build; started by main.ts with --expose-gc.
import { setTimeout as pause } from 'node:timers/promises';
import { GcsMutex, type GcsMutexOptions, type Lease, type LockEvent } from '../../src/index.ts';
import { Churn } from './churn.ts';
import { type Sample, takeSample } from './sample.ts';

/** What the parent wants. */
export interface Plan {
  readonly apiEndpoint: string;
  readonly bucket: string;
  readonly leaseCount: number;
  readonly ttlMs: number;
  readonly refreshIntervalMs: number;
  /** Before this much of it is over nothing is judged. */
  readonly warmUpMs: number;
  /** The same by calls: until so many have ended, code is still being compiled. */
  readonly warmUpCalls: number;
  readonly durationMs: number;
  readonly sampleIntervalMs: number;
  /** However long it takes, there are so many of them. */
  readonly leastSamples: number;
}

/** What this process says. */
export type Report =
  | { readonly kind: 'acquired'; readonly tookMs: number; readonly bytesPerLease: number }
  | { readonly kind: 'sample'; readonly sample: Sample; readonly isMeasured: boolean }
  | { readonly kind: 'trouble'; readonly what: string }
  /** From here on nothing but leases is left in this process. */
  | { readonly kind: 'done'; readonly heldCount: number };

const plan: Plan = JSON.parse(process.argv[2] ?? '{}');
const options: GcsMutexOptions = {
  apiEndpoint: plan.apiEndpoint,
  ttlMs: plan.ttlMs,
  refreshIntervalMs: plan.refreshIntervalMs,
  mutationIntervalMs: 0,
  backoff: { minMs: 10, maxMs: 100 },
};
/** How many acquisitions are under way at a time at the beginning. */
const ACQUIRING = 16;

const calls = new AbortController();
const leases = new AbortController();
const signals = { ofCalls: calls.signal, ofLeases: leases.signal };
let refreshCount = 0;

function say(report: Report): void {
  process.send?.(report);
}

const trouble = (what: string): void => say({ kind: 'trouble', what });
process.on('unhandledRejection', (reason) => trouble(`unhandled rejection: ${String(reason)}`));
process.on('uncaughtExceptionMonitor', (error) => trouble(`uncaught: ${String(error)}`));
process.on('warning', ({ name, message }) => {
  // That of counting the objects of a class, which a sample does.
  if (name !== 'ExperimentalWarning') trouble(`${name}: ${message}`);
});

function watch(event: LockEvent): void {
  if (event.kind === 'refreshed') refreshCount += 1;
  if (event.kind === 'lost') trouble(`an idle lease was lost: ${event.reason}`);
}

/** One lease that nobody uses: every other one of a `run` whose work waits for ever. */
function holdIdle(index: number): Promise<Lease> {
  const mutex = new GcsMutex(plan.bucket, `idle/${index}`, options, { logger: watch });
  if (index % 2 === 0) return mutex.acquire({ signal: calls.signal });
  return new Promise((resolve, reject) => {
    mutex
      .run(
        (lease) => {
          resolve(lease);
          return new Promise<never>(() => {});
        },
        { signal: leases.signal },
      )
      .catch(reject);
  });
}

async function holdAll(): Promise<Lease[]> {
  const held: Lease[] = [];
  let next = 0;
  const acquire = async (): Promise<void> => {
    while (next < plan.leaseCount) held.push(await holdIdle(next++));
  };
  await Promise.all(Array.from({ length: ACQUIRING }, acquire));
  return held;
}

async function main(): Promise<void> {
  // A first lease, so that all code is loaded and has run before anything is counted.
  const first = await new GcsMutex(plan.bucket, 'held', options).acquire();
  const churn = new Churn({ bucket: plan.bucket, options, signal: calls.signal, heldName: 'held' }, trouble);
  const sample = async (): Promise<Sample> =>
    takeSample({ callCount: churn.callCount, refreshCount }, signals, first);

  const before = await sample();
  const acquiringMs = performance.now();
  const held = [first, ...(await holdAll())];
  const tookMs = performance.now() - acquiringMs;
  const after = await sample();
  say({
    kind: 'acquired',
    tookMs,
    bytesPerLease: Math.round((after.heapBytes - before.heapBytes) / plan.leaseCount),
  });

  churn.start();
  while (churn.callCount < plan.warmUpCalls) await pause(100);
  const measureAtMs = performance.now() + plan.warmUpMs;
  const endAtMs = performance.now() + plan.durationMs;
  let measuredCount = 0;
  while (performance.now() < endAtMs || measuredCount < plan.leastSamples) {
    await churn.stop();
    const startedMs = performance.now();
    const taken = await sample();
    // The first refresh of a lease gives its state what it keeps from then on: a step, once, and no growth.
    const isMeasured = startedMs >= measureAtMs && refreshCount >= plan.leaseCount;
    if (isMeasured) measuredCount += 1;
    say({ kind: 'sample', sample: taken, isMeasured });
    churn.start();
    // However long a sample takes on a busy machine, most of the time is for the calls.
    await pause(Math.max(plan.sampleIntervalMs, 2 * (performance.now() - startedMs)));
  }
  await churn.stop();
  say({ kind: 'done', heldCount: held.filter(({ isHeld }) => isHeld).length });
}

await main();
process.disconnect?.();
