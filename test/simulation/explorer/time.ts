import { endOf } from '../../../src/protocol/hold-state.ts';
import { type ClientSetup, type Setup, TICK_MS } from './setup.ts';
import { changed, type Client, type Gap, isActive, type Pending, type Run, type World } from './world.ts';

/** Whether a tick may pass now: nothing is due, and no one waits for a request that is not late. */
export function mayPass(setup: Setup, world: World): boolean {
  const { object, nowMs, clients } = world;
  for (const client of clients) {
    if (client.gap !== undefined && client.gap.ticksLeft === 0) return false;
    if (client.main !== undefined && isUrgent(client, client.main)) return false;
    for (const run of client.settling) if (isUrgent(client, run)) return false;
  }
  if (clients.some(isActive)) return true;
  // Nobody is at work: time matters only as long as a record that was left behind grows old.
  const mayStart = clients.some(({ acquisitionsLeft }) => acquisitionsLeft > 0);
  return mayStart && object !== undefined && nowMs - object.updatedAt < setup.oldAgeMs;
}

function isUrgent(client: Client, run: Run): boolean {
  const { pending } = run;
  if (pending.kind === 'call' && pending.answer === undefined && !pending.isLate) return true;
  if (client.gap !== undefined) return false;
  if (run.role === 'lost' || isPauseOver(client, pending)) return true;
  if (pending.kind === 'call' && client.at.monotonicMs >= pending.limitAtMs) return true;
  return isGuardDue(client, run) || isAlarmDue(client, run);
}

export function isPauseOver(client: Client, pending: Pending): boolean {
  return pending.kind === 'pause' && client.at.monotonicMs >= pending.untilMs;
}

/** Whether the timer that ends a lease on time is due. */
export function isGuardDue(client: Client, run: Run): boolean {
  return run.role === 'hold' && client.at.monotonicMs >= endOf(run.state);
}

/** Whether the user's patience with a run is over; a lease whose refresh is in trouble is kept to the last. */
export function isAlarmDue(client: Client, run: Run): boolean {
  if (run.role === 'hold' && run.state.phase.kind !== 'resting') return false;
  return client.at.monotonicMs >= run.alarmAtMs;
}

/** The world one tick later. */
export function later(setup: Setup, world: World): World {
  const strays = world.strays.filter(({ isLate }) => isLate);
  const clients = world.clients.map((client) => aged(setup, client));
  return { ...world, nowMs: world.nowMs + TICK_MS, clients, strays };
}

function aged(setup: Setup, client: Client): Client {
  const own = setup.clients[client.index];
  if (own === undefined) throw new Error('a client without settings');
  const { at, gap } = client;
  const uncountedMs = uncounted(own, gap);
  return changed(client, {
    at: {
      monotonicMs: at.monotonicMs + own.tickMs - uncountedMs,
      elapsedMs: at.elapsedMs + (gap?.kind === 'freeze' ? 0 : own.tickMs),
    },
    gap: gap && { ...gap, ticksLeft: gap.ticksLeft - 1 },
  });
}

/** By how much a monotonic clock falls behind in a tick. */
function uncounted(own: ClientSetup, gap: Gap | undefined): number {
  if (gap === undefined) return 0;
  switch (gap.kind) {
    case 'sleep':
    case 'freeze':
      return own.tickMs;
    case 'nap':
      return own.roomMs;
    case 'doze':
      return own.marginMs;
    case 'stop':
      return 0;
    default:
      return gap.kind satisfies never;
  }
}
