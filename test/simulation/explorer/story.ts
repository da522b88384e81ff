import type { Setup } from './setup.ts';
import { believes } from './checks.ts';
import type { Move, MoveKind } from './move.ts';
import { Moves } from './moves.ts';
import type { Request } from './request.ts';
import { TICK_MS } from './setup.ts';
import { startWorld } from './start.ts';
import { runAt, type World } from './world.ts';

/** What each move is called; `%` stands for the request that it is about. */
const WORDS: Readonly<Record<MoveKind, string>> = {
  start: 'begins to acquire',
  end: 'ends its lease',
  forget: 'never ends its lost lease',
  look: 'looks at its lease',
  'pause-over': 'goes on after a pause',
  guard: 'finds its time over',
  alarm: 'has no more patience',
  limit: 'waits no longer for its %',
  hear: 'hears the answer to its %',
  wake: 'goes on',
  deliver: 'sends its %, which arrives and is answered',
  'deliver-slowly': 'sends its %, which arrives; the answer is on its way',
  'deliver-unheard': 'sends its %, which arrives; the connection breaks before the answer',
  'deliver-twice': 'sends its %, which arrives and is answered, and which the network doubles',
  'deliver-busy': 'sends its %, which is turned away with 429',
  delay: 'sends its %, which is slow to arrive',
  reset: 'sends its %, and the connection breaks; it may arrive all the same',
  crash: 'dies, and another process takes its place',
  stop: 'is stopped',
  sleep: 'falls asleep: its monotonic clock stands still',
  nap: 'has a clock that falls behind a little',
  doze: 'has a clock that falls behind by its margin',
  freeze: 'is frozen: none of its clocks counts that',
  resumed: 'is told that it was stopped',
  abort: 'gives up',
  'deliver-stray': 'has left behind a %, which arrives now',
  'delay-stray': 'has left behind a %, which is slow to arrive',
  edit: 'somebody edits keys of their own',
  time: 'a tick passes',
};

/** A history in lines that can be read, from the moves that an exploration kept. */
export function tell(setup: Setup, path: readonly number[]): readonly string[] {
  let world = startWorld(setup);
  let faults = 0;
  const lines: string[] = [];
  for (const ordinal of path) {
    const { move, next, cost } = moveAt(setup, world, faults < setup.config.maxFaults, ordinal);
    const line = `tick ${world.nowMs / TICK_MS}  ${cost === 1 ? '!' : ' '} ${sentence(world, move)}`;
    lines.push(`${line.padEnd(90)} ${scene(next)}`);
    world = next;
    faults += cost;
  }
  return lines;
}

interface Taken {
  readonly move: Move;
  readonly next: World;
  readonly cost: number;
}

function moveAt(setup: Setup, world: World, canFail: boolean, ordinal: number): Taken {
  const taken: Taken[] = [];
  new Moves(setup, world, canFail, (move, next, cost) => taken.push({ move, next, cost })).all();
  const chosen = taken[ordinal];
  if (chosen === undefined) throw new Error('a history that cannot be played again');
  return chosen;
}

function sentence(world: World, { kind, client, slot }: Move): string {
  const words = WORDS[kind].replace('%', requestWords(world, kind, client, slot));
  return client < 0 ? words : `${nameOf(client)} ${words}`;
}

function nameOf(client: number): string {
  return 'ABCDEFGH'[client] ?? String(client);
}

function requestWords(world: World, kind: MoveKind, client: number, slot: number): string {
  if (kind === 'deliver-stray' || kind === 'delay-stray') return callWords(world.strays[slot]?.request);
  const owner = world.clients[client];
  const pending = owner && runAt(owner, slot)?.pending;
  return callWords(pending?.kind === 'call' ? pending.request : undefined);
}

function callWords(request: Request | undefined): string {
  if (request === undefined) return 'request';
  const { method, ifGenerationMatch: generation, ifMetagenerationMatch: metageneration, record } = request;
  if (method === 'get') return 'get';
  if (method === 'delete') return `delete of generation ${generation}`;
  const count = record?.state === 'free' ? 'free' : `count ${record?.refreshCount}`;
  const wanted = `${generation ?? 'any'}/${metageneration ?? 'any'}`;
  if (method === 'patch') return `patch (${count}) of version ${wanted}`;
  return generation === '0' ? 'create' : `overwrite of version ${wanted}`;
}

/** What there is after a move: who believes, what each is at, and the object. */
function scene({ clients, object, nowMs }: World): string {
  const people = clients.map((client) => {
    const { main, settling, gap, index } = client;
    const belief = believes(client) ? ' BELIEVES' : '';
    const phase = main === undefined ? 'idle' : `${main.role}${phaseOf(main)}`;
    const others = settling.length > 0 ? `+${settling.length}` : '';
    return `${nameOf(index)}: ${phase}${others}${gap === undefined ? '' : ` (${gap.kind})`}${belief}`;
  });
  return `[${people.join(', ')}; ${objectWords(object, nowMs)}]`;
}

function phaseOf(main: { readonly role: string; readonly state: unknown }): string {
  const { state } = main as { readonly state: { readonly phase?: { readonly kind: string } } };
  return state.phase === undefined ? '' : ` ${state.phase.kind}`;
}

function objectWords(object: World['object'], nowMs: number): string {
  if (object === undefined) return 'no object';
  const { version, content, updatedAt } = object;
  const owner =
    content.kind === 'record' ? `${content.record.state} by ${content.record.leaseId.slice(-2)}` : '';
  return `${version.generation}/${version.metageneration} ${owner}, ${(nowMs - updatedAt) / TICK_MS} old`;
}
