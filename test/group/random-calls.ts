import { GcsLocks } from '../../src/factory/factory.ts';
import { createMemoryBucket, type ImaginedProcess, type MemoryBucket } from '../../src/testing/index.ts';
import { settle } from '../settle.ts';
import { Dice } from '../simulation/dice.ts';
import { type Caller, ENDPOINT, type Story } from './caller.ts';
import { NAME, PoolCaller, resourcesOf, SemaphoreCaller } from './callers.ts';
import { Ledger } from './ledger.ts';
import { makeWeather } from './weather.ts';

export type Kind = 'semaphore' | 'pool';

/** What is stored beside the locks. */
const DOCUMENTS = { semaphore: `${NAME}/permits`, pool: `${NAME}/resources` } as const;

const CLOCK_SKEW_MS = 2_000;
/** When the weather is fine at last, and the longest that a request is under way. */
const CALM_MS = 8_000;
const LATEST_MS = 3_000;
/** Nobody is at it longer: five calls, and for each the longest ttl, patience and release. */
const LONGEST_MS = 5 * 60_000;

/** Plays a sequence of random calls by several clients of one semaphore or pool: all of it follows from the seed. */
export async function playCalls(kind: Kind, seed: number): Promise<Ledger> {
  const dice = new Dice(seed, 1);
  const memory = createMemoryBucket({
    seed,
    latencyMs: { kind: 'logNormal', medianMs: 20, p99Ms: 200 },
    latencySeed: seed,
    idempotencyReplayMs: dice.pick(0, 120_000),
    missingObjectStatus: dice.pick(404, 412),
    generationOrder: dice.pick('increasing', 'random'),
  });
  const ledger = new Ledger(memory);
  const story: Story = {
    seed,
    ledger,
    ttlMs: dice.pick(2_000, 2_000, 5_000, 20_000),
    requestTimeoutMs: dice.pick(1_000, 10_000),
    count: dice.pick(1, 2, 2, 3),
    mayChange: dice.chance(0.5),
  };
  if (story.mayChange) await settle(memory, store(memory.process(), kind, story));
  else if (kind === 'semaphore') ledger.mayBeStored(story.count);
  const callers = await live(kind, story, dice);
  await end(kind, story, callers);
  return ledger;
}

async function store(process: ImaginedProcess, kind: Kind, story: Story): Promise<void> {
  if (kind === 'semaphore') await process.semaphore(NAME).setPermits(story.count);
  else await process.pool(NAME).add(resourcesOf(story));
}

/** Lets the callers live until each has made its calls or was stopped for good. */
async function live(kind: Kind, story: Story, dice: Dice): Promise<readonly Caller[]> {
  const { ledger } = story;
  const { clock, emulator } = ledger.memory;
  const clear = makeWeather(emulator, dice, () => clock.passedMs);
  const callers = Array.from({ length: dice.pick(2, 3) }, (_, number): Caller =>
    kind === 'semaphore' ? new SemaphoreCaller(story, number) : new PoolCaller(story, number),
  );
  for (const caller of callers) {
    void caller.live();
    disturb(caller, story, dice);
  }
  await clock.advance(CALM_MS);
  clear();
  const isAtWork = ({ isDone, isAbandoned, machine }: Caller): boolean =>
    !isDone && !(isAbandoned && !machine.isRunning);
  while (callers.some(isAtWork) && clock.passedMs < LONGEST_MS) await clock.advance(1_000);
  if (callers.some(isAtWork)) ledger.add('somebody waits for ever');
  return callers;
}

/** Some are stopped for a while, and some for good. */
function disturb(caller: Caller, { ledger, ttlMs }: Story, dice: Dice): void {
  const way = dice.draw();
  if (way > 0.35) return;
  const isForGood = way < 0.1;
  const forMs = dice.between(100, 2 * ttlMs);
  const { machine } = caller;
  const outside = ledger.memory.clock.machine();
  outside.setTimer(dice.between(0, CALM_MS), 'foreground', () => {
    caller.wasStopped = true;
    caller.isAbandoned ||= isForGood;
    machine.stop();
    outside.setTimer(forMs, 'foreground', () => {
      if (!caller.isAbandoned) machine.resume();
    });
  });
}

/** When all have gone, nothing is left but what a ttl ends; after it all can be had, and is handed on at once. */
async function end(kind: Kind, story: Story, callers: readonly Caller[]): Promise<void> {
  const { ledger, ttlMs, requestTimeoutMs } = story;
  const { memory } = ledger;
  const { clock, emulator, bucket } = memory;
  for (const caller of callers) if (caller.isAbandoned) caller.machine.stop();
  // What was given up is cleared away in the background.
  await clock.advance(requestTimeoutMs + LATEST_MS);
  for (const { isAbandoned, machine } of callers) {
    const left = [machine.timerCount, machine.resumeListenerCount];
    if (!isAbandoned && left.some((count) => count > 0)) ledger.add(`timers, listeners: ${left.join()}`);
  }
  const anyAbandoned = callers.some(({ isAbandoned }) => isAbandoned);
  for (const { name, metadata } of emulator.objects(bucket)) {
    if (name === DOCUMENTS[kind]) continue;
    const fate = ledger.fateOf(metadata?.['lease-id']) ?? 'given up';
    ledger.count(`left: ${fate}`);
    const isExpected = anyAbandoned || ['given up', 'release-failed'].includes(fate);
    if (fate === 'released' || !isExpected) ledger.add(`${name} is there, and its lease was ${fate}`);
  }
  await clock.advance(ttlMs + CLOCK_SKEW_MS + 1_000);
  const isHandedOn = await settle(
    memory,
    kind === 'semaphore' ? handPermitOn(memory) : handResourceOn(memory),
  );
  if (!isHandedOn) ledger.add('a release let nobody in at once');
  // Nobody takes over what is none of the group's any more.
  const { components } = memory.process();
  const locks = new GcsLocks(`gs://${bucket}`, { apiEndpoint: ENDPOINT }, components);
  await settle(memory, locks.clean({ staleForMs: 0 }));
  const left = emulator.objects(bucket).filter(({ name }) => name !== DOCUMENTS[kind]);
  if (left.length > 0) ledger.add(`${left.length} objects are left at last`);
}

/** All permits are there at once for one; each that is released is there at once for another. */
async function handPermitOn(memory: MemoryBucket): Promise<boolean> {
  const semaphore = memory.process().semaphore(NAME);
  const all = await semaphore.tryAcquire({ permits: await semaphore.permits() });
  await all?.release();
  const one = await semaphore.tryAcquire({ permits: await semaphore.permits() });
  const other = memory.process().semaphore(NAME);
  if (all === undefined || one === undefined || (await other.tryAcquire()) !== undefined) return false;
  await one.release();
  const next = await other.tryAcquire();
  return (await next?.release()) === true;
}

/** Each resource is there at once for one, and for another when it is released. */
async function handResourceOn(memory: MemoryBucket): Promise<boolean> {
  const pool = memory.process().pool(NAME);
  const other = memory.process().pool(NAME);
  for (const { resource, isMember } of (await pool.status()).resources) {
    if (!isMember) continue;
    const only = [resource];
    const one = await pool.tryAcquire({ only });
    if (one === undefined || (await other.tryAcquire({ only })) !== undefined) return false;
    await one.release();
    const next = await other.tryAcquire({ only });
    if ((await next?.release()) !== true) return false;
  }
  return true;
}
