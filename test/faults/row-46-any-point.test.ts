import { expect, it } from 'vitest';
import type { GcsMutex } from '../../src/mutex.ts';
import { plant } from './calls.ts';
import { manualWorld, type ManualWorld } from './world.ts';

const WHY = new Error('the caller has had enough');

/** Lets the event loop turn so many times, and then promises go on so many times. */
async function pass(turns: number, ticks: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
}

type Start = (mutex: GcsMutex, signal: AbortSignal) => Promise<unknown>;

/** Aborts an acquisition at one point of its way, and expects it to end there, or to have got the lock before. */
async function abortAt(world: ManualWorld, start: Start, turns: number, ticks = 0): Promise<void> {
  const controller = new AbortController();
  const before = world.object()?.metadata?.['lease-id'];
  const player = world.process();
  let outcome: unknown;
  const acquire = async (): Promise<void> => {
    try {
      outcome = { value: await start(player.mutex({ requestTimeoutMs: 1_000 }), controller.signal) };
    } catch (reason) {
      outcome = { reason };
    }
  };
  const acquiring = acquire();
  const passing = world.advance(1_500);
  await pass(turns, ticks);
  const wasGranted = player.events.some(({ kind }) => kind === 'acquired');
  controller.abort(WHY);
  // No time limit, no answer and no timer is needed for that.
  await pass(0, 8);
  if (!wasGranted) expect(outcome, `after ${turns} turns and ${ticks} ticks`).toEqual({ reason: WHY });
  await passing;
  await world.settle(acquiring);
  await world.end();
  const left = world.object()?.metadata?.['lease-id'];
  expect([undefined, before], `after ${turns} turns and ${ticks} ticks`).toContain(left);
}

const METHODS: Readonly<Record<string, Start>> = {
  acquire: async (mutex, signal) => (await mutex.acquire({ signal })).release(),
  tryAcquire: async (mutex, signal) => (await mutex.tryAcquire({ signal }))?.release(),
  run: (mutex, signal) => mutex.run((lease) => lease.throwIfLost(), { signal }),
  tryRun: (mutex, signal) => mutex.tryRun((lease) => lease.throwIfLost(), { signal }),
};

for (const [method, start] of Object.entries(METHODS)) {
  it(`row 46: an abort at any point on the way to a free lock ends ${method}, and leaves nothing`, async () => {
    for (let turns = 0; turns < 8; turns += 1) {
      for (const ticks of [0, 3]) await abortAt(manualWorld(), start, turns, ticks);
    }
  });
}

it('row 46: an abort at any point on the way to a stale lock ends acquire, and leaves nothing new', async () => {
  for (let turns = 0; turns < 36; turns += 2) {
    const world = manualWorld();
    await plant(world);
    await world.outlast(60_000);
    await abortAt(
      world,
      (mutex, signal) => mutex.acquire({ signal }).then((lease) => lease.release()),
      turns,
    );
  }
});

it('row 46: an abort at any point of a wait for a held lock ends acquire, and changes nothing', async () => {
  for (let turns = 0; turns < 60; turns += 5) {
    const world = manualWorld();
    await plant(world);
    await abortAt(world, (mutex, signal) => mutex.acquire({ signal }), turns, turns % 4);
    expect(world.object()?.generation).toBeDefined();
  }
});
