import type { MoveKind } from './move.ts';
import { Moves } from './moves.ts';
import { type Setup, TICK_MS } from './setup.ts';
import { changed, type World } from './world.ts';
import { newClient } from './start.ts';

/** What happens by itself, or by users who end what they have, in the order in which it is done. */
const PLAIN: readonly MoveKind[] = [
  'wake',
  'deliver',
  'deliver-slowly',
  'hear',
  'guard',
  'pause-over',
  'start',
  'limit',
  'alarm',
  'end',
  'forget',
  'time',
];

/**
 * Whether somebody can acquire once the faults are over: a newcomer who starts now, while everybody else goes on
 * without faults and without acquiring again. Gives what is wrong, or undefined.
 */
export function stuck(setup: Setup, world: World): string | undefined {
  const newcomer = world.clients.length;
  const withNewcomer = { ...setup, clients: [...setup.clients, ...setup.clients.slice(0, 1)] };
  let present: World = {
    ...world,
    clients: [
      ...world.clients.map((client) => changed(client, { acquisitionsLeft: 0 })),
      newClient(setup, newcomer),
    ],
  };
  // Every record is stale by then, and has been watched for long enough; the clock of the newcomer may be slow.
  const longestMs = 3 * setup.oldAgeMs + 8 * TICK_MS;
  while (present.nowMs - world.nowMs < longestMs) {
    if (present.clients[newcomer]?.main?.role === 'hold') return undefined;
    const next = step(withNewcomer, present);
    if (next === undefined) return 'everybody stands still, and nobody holds the lock';
    present = next;
  }
  return 'nobody can acquire though nothing fails any more';
}

/** The world after the first of the plain moves that is possible. */
function step(setup: Setup, world: World): World | undefined {
  let best = PLAIN.length;
  let chosen: World | undefined;
  new Moves(setup, world, false, ({ kind }, next) => {
    const rank = PLAIN.indexOf(kind);
    if (rank < 0 || rank >= best) return;
    best = rank;
    chosen = next;
  }).all();
  return chosen;
}
