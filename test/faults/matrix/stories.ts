import { expect } from 'vitest';
import type { Lease } from '../../../src/lease.ts';
import type { ScriptedFault } from '../../../emulator/index.ts';
import { type Call, type CallFault, plant, remove, strike } from '../calls.ts';
import type { Player, World } from '../world.ts';

/** How a call under a fault ended. */
export interface Ending {
  /** The process that made the call, and how much it had sent before it. */
  readonly player: Player;
  readonly sentBefore: number;
  /** How many of its calls the fault met. */
  readonly struckCount: number;
  /** What the user was told. */
  readonly result: string;
  /** What the process holds now. */
  readonly lease?: Lease | undefined;
  /** Lets the others of the story come to their end. */
  readonly finish?: () => Promise<void>;
}

/** What happens between several processes, around one call that is struck before or after it is carried out. */
export type Story = (world: World, when: CallFault['when']) => Promise<Ending>;

/**
 * Without pauses between the writes of one acquisition. What a write may have left is looked for until a request's
 * time is over: long enough for a machine with much else to do, short enough to wait for.
 */
export const QUICK = {
  ttlMs: 60_000,
  mutationIntervalMs: 0,
  backoff: { minMs: 20, maxMs: 200 },
  requestTimeoutMs: 2_000,
};
/** As long as it takes for all processes of a story to arrive. */
const PATIENT = { ...QUICK, requestTimeoutMs: 8_000 };

/** What a user is told by an error. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) throw new TypeError(`not an error: ${String(error)}`);
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  if (typeof code !== 'string') return error.message;
  return code === 'ERR_LEASE_LOST' ? `${code} (${String(reason)})` : code;
}

function holdUp(world: World, call: Call, when: CallFault['when'], times = 1): ScriptedFault {
  return strike(world, call, { when, do: { kind: 'hold' } }, times);
}

function arrival(world: World, held: ScriptedFault, count = 1): Promise<void> {
  return world.until('the call is under way', () => held.struck.length === count);
}

/** Lets go what is held up, and waits for what the store makes, or has made, of it. */
async function letGo(world: World, held: ScriptedFault, applied: number): Promise<void> {
  held.release();
  await world.until('it is decided', () => held.struck[0]?.applied !== undefined);
  expect(held.struck[0]?.applied).toBe(applied);
}

async function holder(world: World, options = PATIENT) {
  const player = world.process();
  const lease = await world.settle(player.mutex(options).acquire());
  return { player, lease, sentBefore: player.line.sent.length };
}

/** Another process gets the lock, and in the end gives it back. */
async function successor(world: World) {
  const { lease } = await holder(world);
  const object = world.object();
  expect(object?.metadata?.['lease-id']).toBe(lease.leaseId);
  return {
    isLeftAlone: () => expect(world.object()).toEqual(object),
    finish: async () => expect(await world.settle(lease.release())).toBe(true),
  };
}

const lateCreate: Story = async (world, when) => {
  const player = world.process();
  const late = holdUp(world, 'C', when);
  const controller = new AbortController();
  const acquiring = player.mutex(PATIENT).acquire({ signal: controller.signal });
  await arrival(world, late);
  controller.abort(new Error('aborted'));
  const result = codeOf(await world.settle(acquiring.catch((error: unknown) => error)));
  const { requests } = world.emulator;
  const isLooked = (): boolean =>
    requests.all().some(({ method, applied }) => method === 'GET' && applied !== undefined);
  await world.until('it was looked for what the create has left', isLooked);
  await letGo(world, late, 200);
  await world.until('it was cleared away', () => world.object() === undefined);
  expect(player.events.filter(({ kind }) => kind === 'acquired')).toEqual([]);
  return { player, sentBefore: 0, struckCount: 1, result };
};

const lateRefresh: Story = async (world, when) => {
  const { lease, ...first } = await holder(world);
  const late = holdUp(world, 'R', when);
  const refused = lease.refresh().catch(codeOf);
  await arrival(world, late);
  const result = String(await world.settle(lease.release()));
  expect(await refused).toBe('ERR_LEASE_RELEASED');
  const { isLeftAlone, finish } = await successor(world);
  await letGo(world, late, when === 'before' ? 412 : 200);
  isLeftAlone();
  return { ...first, struckCount: 1, result, finish };
};

const lateRelease: Story = async (world, when) => {
  const { lease, ...first } = await holder(world);
  const late = holdUp(world, 'D', when, 100);
  const result = await world.settle(lease.release({ timeoutMs: 2_000 }).catch(codeOf));
  late.remove();
  await world.outlast(QUICK.ttlMs);
  const { isLeftAlone, finish } = await successor(world);
  await letGo(world, late, 412);
  isLeftAlone();
  return { ...first, struckCount: late.struck.length, result: String(result), finish };
};

const twoTakeovers: Story = async (world, when) => {
  await plant(world);
  await world.outlast(world.options.ttlMs);
  const both = holdUp(world, 'T', 'before', 2);
  const answers = when === 'after' ? holdUp(world, 'T', when, 2) : undefined;
  const [player, rival] = [world.process(), world.process()];
  const acquiring = player.mutex(PATIENT).acquire();
  await arrival(world, both);
  const waiting = rival.mutex(PATIENT).acquire();
  await arrival(world, both, 2);
  both.release();
  await world.until('both are decided', () => both.struck.every(({ applied }) => applied !== undefined));
  expect(both.struck.map(({ applied }) => applied)).toEqual([200, 412]);
  answers?.release();
  const lease = await world.settle(acquiring);
  const { length } = player.line.sent;
  await world.until('the other reads again', () => rival.line.sent.length > length);
  expect(rival.events.filter(({ kind }) => kind === 'acquired')).toEqual([]);
  const finish = async () => {
    const second = await world.settle(waiting);
    expect(await world.settle(second.release())).toBe(true);
  };
  return { player, sentBefore: 0, struckCount: 1, result: 'held', lease, finish };
};

const refreshAfterAba: Story = async (world, when) => {
  const { lease, ...first } = await holder(world);
  const late = holdUp(world, 'R', when);
  const lost = lease.refresh().catch(codeOf);
  await arrival(world, late);
  await remove(world);
  const { isLeftAlone, finish } = await successor(world);
  // Nothing is promised against whoever may delete the object.
  expect(world.beliefs.take()).toHaveLength(1);
  await letGo(world, late, 412);
  const result = String(await world.settle(lost));
  isLeftAlone();
  return { ...first, struckCount: 1, result, finish };
};

const takeoverAfterAba: Story = async (world, when) => {
  await plant(world);
  await world.outlast(world.options.ttlMs);
  const late = holdUp(world, 'T', when);
  const player = world.process();
  const acquiring = player.mutex(PATIENT).acquire();
  await arrival(world, late);
  const { isLeftAlone, finish } = await successor(world);
  expect(world.object()?.metageneration).toBe(1n);
  const sentCount = player.line.sent.length;
  await letGo(world, late, 412);
  await world.until('it waits', () => player.line.sent.length > sentCount + 1);
  isLeftAlone();
  await finish();
  const lease = await world.settle(acquiring);
  return { player, sentBefore: 0, struckCount: 1, result: 'held', lease };
};

const releaseAfterAba: Story = async (world, when) => {
  const { lease, ...first } = await holder(world);
  const late = holdUp(world, 'D', when);
  const releasing = lease.release();
  await arrival(world, late);
  await remove(world);
  const { isLeftAlone, finish } = await successor(world);
  await letGo(world, late, 412);
  const result = String(await world.settle(releasing));
  isLeftAlone();
  return { ...first, struckCount: 1, result, finish };
};

const oldAnswer: Story = async (world, when) => {
  const { lease, ...first } = await holder(world, QUICK);
  const slow = holdUp(world, 'R', when);
  await world.settle(lease.refresh());
  await world.settle(lease.refresh());
  const { remainingMs } = lease;
  slow.release();
  await world.until('it was answered', () => slow.struck[0]?.status === 200);
  expect(lease.remainingMs).toBeLessThanOrEqual(remainingMs);
  return { ...first, struckCount: 1, result: lease.isHeld ? 'held' : 'not held', lease };
};

const goneBetween: Story = async (world, when) => {
  const first = await holder(world);
  const reading = holdUp(world, 'G', when);
  const player = world.process();
  const acquiring = player.mutex(PATIENT).acquire();
  await arrival(world, reading);
  expect(await world.settle(first.lease.release())).toBe(true);
  await letGo(world, reading, 404);
  const lease = await world.settle(acquiring);
  return { player, sentBefore: 0, struckCount: 1, result: 'held', lease };
};

/** The histories that the matrix knows by name. */
export const STORIES = {
  lateCreate,
  lateRefresh,
  lateRelease,
  twoTakeovers,
  refreshAfterAba,
  takeoverAfterAba,
  releaseAfterAba,
  oldAnswer,
  goneBetween,
} as const;
