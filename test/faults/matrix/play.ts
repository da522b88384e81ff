import { OAuth2Client } from 'google-auth-library';
import { expect } from 'vitest';
import { GcsMutexError } from '../../../src/errors.ts';
import type { Lease } from '../../../src/lease.ts';
import type { GcsMutex } from '../../../src/mutex.ts';
import { acceptToken } from '../../through/tokens.ts';
import {
  type Call,
  type CallFault,
  callOf,
  isCall,
  patchBucket,
  patchObject,
  plant,
  removeBucket,
  strike,
} from '../calls.ts';
import { FaultProxy } from '../proxy.ts';
import type { HttpWorld } from '../http-world.ts';
import { NAME, type Player, type World } from '../world.ts';
import { codeOf, type Ending, QUICK } from './stories.ts';
import type { AdminFault, Case, Seen, WireFault } from './cell.ts';

/** One way in which a cell is played, and which cell that is. */
export interface Stroke {
  readonly call: Call;
  readonly when: CallFault['when'];
  readonly played: Case;
}

/** Faults that only a network, or a client with credentials, can meet. */
export function needsHttp({ fault }: Case): boolean {
  return fault.kind === 'wire' || fault.kind === 'old-token';
}

/** Lives through a call under a fault; expects what the table says, and that the lock is as usable as before. */
export async function playStroke(world: World, stroke: Stroke): Promise<void> {
  const { when, played } = stroke;
  const { fault } = played;
  await using proxy = fault.kind === 'wire' ? await FaultProxy.start((world as HttpWorld).url) : undefined;
  const ending = fault.kind === 'story' ? await fault.play(world, when) : await act(world, stroke, proxy);
  expect(await seen(world, stroke, ending)).toEqual(played.seen);
  await expectUsable(world, ending);
}

async function act(world: World, stroke: Stroke, proxy: FaultProxy | undefined): Promise<Ending> {
  const { call, played } = stroke;
  const { fault } = played;
  const player = world.process(fault.kind === 'old-token' ? renewable() : undefined);
  const endpoint = proxy === undefined ? {} : { apiEndpoint: proxy.url };
  const mutex = player.mutex({ ...QUICK, ...played.options, ...endpoint });
  // Leaves a connection open for the call to use.
  if (proxy !== undefined) await mutex.status();
  const lease = call === 'R' || call === 'D' ? await world.settle(mutex.acquire()) : undefined;
  const isTaking = call === 'G' || call === 'T';
  if (isTaking) await plant(world);
  if (fault.kind === 'admin') await meddle(world, fault.made);
  if (isTaking) await world.outlast(world.options.ttlMs);
  const sentBefore = player.line.sent.length;
  const { struck, remove } = begin(world, stroke, player, proxy);
  const told = await world.settle(
    tell(callFor(call, mutex, lease, played.options?.acquireTimeoutMs), played),
  );
  // What was under way when the call was given up is struck as well, if it still arrives.
  if (told.lease === undefined) await atRest(world, player);
  remove?.();
  expect(struck.length, 'the fault has struck').toBeGreaterThan(0);
  if (played.times !== Infinity) expect(struck).toHaveLength(played.times ?? 1);
  if (fault.kind === 'admin') await undo(world, fault.made);
  return { player, sentBefore, struckCount: struck.length, ...told };
}

const atRest = (world: World, player: Player): Promise<void> =>
  world.until('it is at rest', () => player.pendingCount() === 0);

/** What the user is told, and has. */
interface Told {
  readonly result: string;
  readonly lease?: Lease | undefined;
}

async function callFor(
  call: Call,
  mutex: GcsMutex,
  held: Lease | undefined,
  timeoutMs?: number,
): Promise<Told> {
  if (call === 'D') return { result: String(await held?.release({ timeoutMs })) };
  const lease = held ?? (await mutex.acquire());
  if (held !== undefined) await held.refresh();
  return { result: lease.isHeld ? 'held' : 'not held', lease };
}

async function tell(calling: Promise<Told>, { says = '' }: Case): Promise<Told> {
  try {
    return await calling;
  } catch (error) {
    expect(error).toBeInstanceOf(GcsMutexError);
    expect(String(error)).toContain(says);
    return { result: codeOf(error) };
  }
}

/** From now on the fault strikes. */
function begin(
  world: World,
  { call, when, played }: Stroke,
  player: Player,
  proxy: FaultProxy | undefined,
): { readonly struck: readonly unknown[]; readonly remove?: () => void } {
  const { fault, times = 1 } = played;
  switch (fault.kind) {
    case 'detour':
      return player.line.divert((request) => isCall(call, request), fault.to, times);
    case 'wire': {
      const struck: Call[] = [];
      if (proxy !== undefined) beginOnWire(proxy, { call, when, what: fault.what }, struck);
      return { struck };
    }
    case 'old-token':
      return strike(world, call, { when: 'before', do: { kind: 'status', status: 401 } });
    case 'admin':
      return { struck: [fault.made] };
    case 'story':
      throw new TypeError('a story begins by itself');
    default:
      return strike(world, call, { when, do: fault }, times);
  }
}

function beginOnWire(
  proxy: FaultProxy,
  { call, when, what }: Pick<Stroke, 'call' | 'when'> & Pick<WireFault, 'what'>,
  struck: Call[],
): void {
  /** Once, on a connection that was used before. */
  const strikes = (line: Parameters<FaultProxy['toServer']>[0]): boolean => {
    if (struck.length > 0 || line.requestCount < 2 || !isCall(call, line)) return false;
    struck.push(call);
    return true;
  };
  if (what === 'hints') {
    proxy.interim = (line, moment) => (moment === when && strikes(line) ? INTERIM : '');
    return;
  }
  const fate = (line: Parameters<FaultProxy['toServer']>[0]) => (strikes(line) ? what : 'pass');
  if (when === 'before') proxy.toServer = fate;
  else proxy.toClient = fate;
}

const INTERIM = 'HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n';

/** A client whose token is accepted for as long as nobody says otherwise, and that can get another. */
function renewable(): OAuth2Client {
  const auth = new OAuth2Client();
  let tokenCount = 0;
  auth.refreshHandler = () => {
    tokenCount += 1;
    acceptToken(`token-${tokenCount}`);
    return Promise.resolve({ access_token: `token-${tokenCount}`, expiry_date: Date.now() + 3_600_000 });
  };
  return auth;
}

async function meddle(world: World, made: AdminFault['made']): Promise<void> {
  switch (made) {
    case 'retention':
      return patchBucket(world, { retentionPolicy: { retentionPeriod: '864000' } });
    case 'temporary hold':
      return patchObject(world, { temporaryHold: true });
    case 'event-based hold':
      return patchObject(world, { eventBasedHold: true });
    case 'no bucket':
      return removeBucket(world);
    default:
      return made satisfies never;
  }
}

async function undo(world: World, made: AdminFault['made']): Promise<void> {
  switch (made) {
    case 'retention':
      return patchBucket(world, { retentionPolicy: null });
    case 'temporary hold':
      return patchObject(world, { temporaryHold: false });
    case 'event-based hold':
      return patchObject(world, { eventBasedHold: false });
    case 'no bucket':
      return world.emulator.addBucket(world.bucket);
    default:
      return made satisfies never;
  }
}

/** What came of it, when the process has come to rest. */
async function seen(world: World, { call }: Stroke, ending: Ending): Promise<Seen> {
  const { player, result } = ending;
  if (ending.lease === undefined) await atRest(world, player);
  const leaseId = world.object()?.metadata?.['lease-id'];
  const isOwn = player.line.sent.some(({ body }) => leaseId !== undefined && body?.includes(leaseId));
  const left = leaseId === undefined ? 'none' : isOwn ? 'own' : "other's";
  return { result, path: pathOf(call, ending), left };
}

function pathOf(call: Call, { player, sentBefore, struckCount }: Ending): string {
  let leftCount = struckCount;
  const calls = player.line.sent.slice(sentBefore).map((request) => {
    const each = callOf(request);
    if (each !== call || leftCount === 0) return each;
    leftCount -= 1;
    return `${each}!`;
  });
  // How often one reads while nothing changes, or tries again for as long as nothing helps, is a matter of chance.
  return calls
    .join(' ')
    .replaceAll(/G!?(?: G!?)+/g, (reads) => (reads.includes('!') ? 'G!' : 'G'))
    .replace(/(\w!)(?:(?: G)? \1)+.*/, '$1 …');
}

/** With the fault over the lock can be had, and is free when all have come to their end. */
async function expectUsable(world: World, { player, result, lease, finish }: Ending): Promise<void> {
  if (lease !== undefined) {
    expect(lease.remainingMs).toBeLessThanOrEqual(0.9 * QUICK.ttlMs);
    expect(await world.settle(lease.release())).toBe(true);
  }
  await finish?.();
  if (world.object() !== undefined) {
    await world.outlast(QUICK.ttlMs);
    const next = await world.settle(world.process().mutex(QUICK).acquire());
    expect(await world.settle(next.release())).toBe(true);
  }
  expect(world.object(), 'the lock is free').toBeUndefined();
  const lostCount = player.events.filter(({ kind }) => kind === 'lost').length;
  expect(lostCount).toBe(result.startsWith('ERR_LEASE_LOST') ? 1 : 0);
  const strays = world.emulator.requests.all().filter(({ object }) => ![NAME, ''].includes(object));
  expect(strays, 'nothing was asked but the lock').toEqual([]);
}
