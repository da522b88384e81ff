import { endOf, isHeldAt } from '../../../src/protocol/hold-state.ts';
import type { Applied, Noted } from './move.ts';
import type { Request } from './request.ts';
import type { Setup } from './setup.ts';
import { clientOf, leaseIdOf } from './steps.ts';
import type { Client, World } from './world.ts';

/** What is promised of every move. Each gives what is wrong, in words, or undefined. */
export function judge(
  setup: Setup,
  before: World,
  after: World,
  client: number,
  noted: readonly Noted[],
  applied: Applied | undefined,
): string | undefined {
  return (
    overlap(after) ??
    (applied && wrongWrite(before, applied)) ??
    wrongTurn(setup, before, after, client, noted)
  );
}

/**
 * Two clients that believe, each by its own clocks, at this moment. Belief only begins with an event, and events happen
 * at a tick: two beliefs that overlap at all do so at the tick at which the second one begins.
 */
function overlap(world: World): string | undefined {
  let believer: Client | undefined;
  for (const client of world.clients) {
    if (!believes(client)) continue;
    if (believer !== undefined) return 'two clients believe at once';
    believer = client;
  }
  return undefined;
}

/** Whether a client would say at this moment that it holds; one that sleeps or is stopped, by its clocks as they are. */
export function believes({ main, at, gap }: Client): boolean {
  // What is frozen does nothing until it is told of it.
  return gap?.kind !== 'freeze' && main?.role === 'hold' && isHeldAt(main.state, at);
}

/** A write that was applied though nothing entitled its sender to it. */
function wrongWrite(world: World, { request, before }: Applied): string | undefined {
  if (before?.content.kind !== 'record') return undefined;
  const { leaseId, counter, state, ttlMs } = before.content.record;
  if (request.method === 'delete' && counter !== undefined) return 'a fencing counter is deleted';
  if (leaseId === request.leaseId) return undefined;
  if (request.method !== 'insert') return `a ${request.method} changes the record of another`;
  const holder = world.clients[clientOf(leaseId)];
  if (holder?.main?.role === 'hold' && holder.main.state.record.leaseId === leaseId && believes(holder)) {
    return 'a record is replaced while its holder believes';
  }
  const isOwn = clientOf(leaseId) === request.client;
  const ageMs = world.nowMs - before.writtenAt;
  return state === 'held' && !isOwn && ageMs < ttlMs
    ? 'a record is replaced before its ttl is over'
    : undefined;
}

function wrongTurn(
  setup: Setup,
  before: World,
  after: World,
  index: number,
  noted: readonly Noted[],
): string | undefined {
  const client = after.clients[index];
  if (client === undefined) return undefined;
  for (const each of noted) {
    const wrong = wrongNote(before, after, client, each);
    if (wrong !== undefined) return wrong;
  }
  return (
    revival(before, client) ??
    emptyCredit(before, client) ??
    secondLife(setup, before, client) ??
    needlessLoss(before, after, client)
  );
}

function wrongNote(before: World, after: World, client: Client, noted: Noted): string | undefined {
  switch (noted.kind) {
    case 'sent':
      return missingGuard(noted.request);
    case 'granted': {
      const held = client.main?.role === 'hold' ? client.main.state.record.leaseId : undefined;
      if (held !== undefined && held !== leaseIdOf(client.index, client.leaseCount - 1)) {
        return 'a lease id that was given up is granted';
      }
      if (!noted.isHeld) return 'a lease is granted that is not held';
      const isToken = noted.counter !== undefined;
      return isToken && Number(noted.counter) <= before.highestToken
        ? 'a fencing token does not grow'
        : undefined;
    }
    case 'released': {
      const isThere =
        after.object?.version.generation === noted.generation &&
        after.object.content.kind === 'record' &&
        after.object.content.record.state === 'held';
      return noted.wasHeld && isThere
        ? 'a lease counts as released and its record is still there'
        : undefined;
    }
    default:
      return noted satisfies never;
  }
}

function missingGuard({ method, ifGenerationMatch, ifMetagenerationMatch }: Request): string | undefined {
  if (method === 'get') return undefined;
  if (ifGenerationMatch === undefined) return `a ${method} without a generation is sent`;
  const isReplacing = method === 'patch' || (method === 'insert' && ifGenerationMatch !== '0');
  const isHalf = isReplacing && ifMetagenerationMatch === undefined;
  return isHalf ? `a ${method} without a metageneration is sent` : undefined;
}

/** A lease that was over by its own clock and is held again. */
function revival(before: World, { index, main, at }: Client): string | undefined {
  const was = before.clients[index]?.main;
  if (was?.role !== 'hold' || main?.role !== 'hold') return undefined;
  if (was.state.record.leaseId !== main.state.record.leaseId) return undefined;
  const isOver = at.monotonicMs >= endOf(was.state) || was.state.lost !== undefined;
  return isOver && isHeldAt(main.state, at) ? 'a lease that was over is held again' : undefined;
}

/** A refresh that counts, though the lease is not held for it. */
function emptyCredit(before: World, { index, main, at }: Client): string | undefined {
  const was = before.clients[index]?.main;
  if (was?.role !== 'hold' || main?.role !== 'hold') return undefined;
  const isCredited = main.state.creditedCount > was.state.creditedCount;
  const isSettled = main.state.doubtedCount === undefined;
  return isCredited && isSettled && !isHeldAt(main.state, at)
    ? 'a refresh is credited to a lease that is not held'
    : undefined;
}

/** A lost lease that has anything left to say. */
function secondLife(setup: Setup, before: World, { index, main, at }: Client): string | undefined {
  if (main?.role !== 'lost' || before.clients[index]?.main?.role === 'lost') return undefined;
  const events = [
    { kind: 'tick' },
    { kind: 'refresh-asked' },
    { kind: 'wrote', outcome: { kind: 'applied', version: main.state.version } },
  ] as const;
  for (const event of events) {
    const [state, step] = setup.reducers.hold(main.state, { ...event, at, draw: 0 });
    if (step.kind !== 'carry-on') return 'a lease that was lost goes on';
    if (isHeldAt(state, at)) return 'a lease that was lost is held again';
  }
  return isHeldAt(main.state, at) ? 'a lease that was lost is held' : undefined;
}

/** A lease that is given up, before its time is over, though its record is there and its own. */
function needlessLoss(before: World, { object }: World, { index, main }: Client): string | undefined {
  if (main?.role !== 'lost' || before.clients[index]?.main?.role === 'lost') return undefined;
  const { lost, record, version } = main.state;
  if (lost === 'expired' || lost === 'max-hold' || object?.content.kind !== 'record') return undefined;
  const isOurs =
    object.version.generation === version.generation && object.content.record.leaseId === record.leaseId;
  return isOurs && object.content.record.state === 'held' ? 'a healthy lease is given up' : undefined;
}
