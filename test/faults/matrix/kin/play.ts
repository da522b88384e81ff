import { expect } from 'vitest';
import { GcsMutexError } from '../../../../src/errors.ts';
import { callOf, type CallFault, isOurs, strikeThose } from '../../calls.ts';
import type { Player, World } from '../../world.ts';
import type { Case, Seen } from '../cell.ts';
import { codeOf, QUICK } from '../stories.ts';
import { type Column, objectOf } from './columns.ts';

/** One way in which a cell is played, and which cell that is. */
export interface Stroke {
  readonly column: Column;
  readonly when: CallFault['when'];
  readonly played: Case;
}

type Sent = Parameters<typeof callOf>[0];

/** Lives through a call under a fault; expects what the table says, and that all is as usable as before. */
export async function playStroke(world: World, stroke: Stroke): Promise<void> {
  expect(await seen(world, stroke)).toEqual(stroke.played.seen);
}

export async function seen(world: World, stroke: Stroke): Promise<Seen> {
  const { column, played } = stroke;
  const player = world.process();
  const ready = await column.begin(world, player, played.options ?? {});
  const sentBefore = player.line.sent.length;
  const { struck, remove } = begin(world, stroke, player);
  const result = await world.settle(tell(ready.call(), played));
  const isOver = /^(?:true|done|ERR.*)$/.test(result) && column.of !== 'rate limiter';
  // What was under way when the call was given up is struck as well, if it still arrives.
  if (isOver) await world.until('it is at rest', () => player.pendingCount() === 0);
  remove();
  expect(struck.length, 'the fault has struck').toBeGreaterThan(0);
  const path = pathOf(player.line.sent.slice(sentBefore), column, struck.length);
  const left = ready.left();
  await world.settle(Promise.resolve(ready.finish?.()));
  await world.outlast(QUICK.ttlMs);
  await world.settle(column.use(world.process()));
  return { result, path, left };
}

async function tell(calling: Promise<string>, { says = '' }: Case): Promise<string> {
  try {
    return await calling;
  } catch (error) {
    expect(error).toBeInstanceOf(GcsMutexError);
    expect(String(error)).toContain(says);
    return codeOf(error);
  }
}

/** From now on the fault strikes. */
function begin(
  world: World,
  { column, when, played }: Stroke,
  player: Player,
): { readonly struck: readonly unknown[]; remove: () => void } {
  const { fault, times = 1 } = played;
  if (fault.kind === 'detour') {
    const diversion = player.line.divert((request) => isStruck(column, request), fault.to, times);
    return { struck: diversion.struck, remove: () => undefined };
  }
  if (fault.kind === 'wire' || fault.kind === 'old-token' || fault.kind === 'admin' || fault.kind === 'story')
    throw new TypeError(`${fault.kind} is a fault of the lock's matrix alone`);
  const where = (request: Parameters<typeof isOurs>[0] & Sent): boolean =>
    isOurs(request) && isStruck(column, request);
  return strikeThose(world, { where }, { when, do: fault }, times);
}

function isStruck(column: Column, request: Sent): boolean {
  return letterOf(request) === column.letter && objectOf(column).test(nameIn(request));
}

/** Of what kind a request is: as a call on a lock's object, or a list. */
function letterOf(request: Sent): string {
  if (request.method === 'GET' && new URL(request.url, 'http://x').searchParams.has('prefix')) return 'L';
  return { C: 'C', G: 'G', R: 'P', T: 'T', D: 'D' }[callOf(request)];
}

/** The object that a request is about, or the prefix of a list. */
function nameIn({ url }: Sent): string {
  const { pathname, searchParams } = new URL(url, 'http://x');
  const [, encoded] = /\/o\/(.+)$/.exec(pathname) ?? [];
  return encoded === undefined
    ? (searchParams.get('name') ?? searchParams.get('prefix') ?? '')
    : decodeURIComponent(encoded);
}

/** Reads that follow on each other: one, unless several were struck, which somebody who is refused for good avoids. */
function asOne(reads: string, letter: string): string {
  const count = reads.split('!').length - 1;
  if (count > 2) return `${letter}! …`;
  return count === 0 ? letter : Array.from({ length: count }, () => `${letter}!`).join(' ');
}

/** The requests of the process, in order; `!` marks those that were struck, `…` that it went on like that. */
function pathOf(sent: readonly Sent[], column: Column, struckCount: number): string {
  let leftCount = struckCount;
  const letters = sent.map((request) => {
    if (leftCount === 0 || !isStruck(column, request)) return letterOf(request);
    leftCount -= 1;
    return `${letterOf(request)}!`;
  });
  return letters
    .join(' ')
    .replaceAll(/\b([GL])!?(?: \1!?)+(?= |$)/g, asOne)
    .replace(/([CPD]!)(?:(?: [GL])* \1)+.*/, '$1 …');
}
