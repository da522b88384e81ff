import { expect } from 'vitest';
import { NORMAL } from './matrix/cell.ts';
import { playStroke } from './matrix/play.ts';
import { playRows, type Row } from './rows.ts';

const TWICE = { kind: 'duplicate' } as const;

const askedTwice: Row = {
  row: 15,
  name: 'two refreshes asked for at once are one request',
  play: async (world) => {
    const lease = await world.settle(world.process().mutex().acquire());
    await world.settle(Promise.all([lease.refresh(), lease.refresh()]));
    const patches = world.emulator.requests.mutations().filter(({ method }) => method === 'PATCH');
    expect(patches).toHaveLength(1);
    expect(await world.settle(lease.release())).toBe(true);
  },
};

const replayed: readonly Row[] = (['C', 'R', 'D'] as const).map((call) => ({
  row: 16,
  name: `${call} that the network doubles is as if it had not, where the store replays its first answer`,
  store: { idempotencyReplayMs: 120_000 },
  play: (world) => playStroke(world, { call, when: 'before', played: { fault: TWICE, seen: NORMAL[call] } }),
}));

playRows([askedTwice, ...replayed]);
