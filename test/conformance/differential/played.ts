import { type Call, type Guard, GUARD_NAMES, type Guards } from './calls.ts';
import type { Answer, Shown } from './server-side.ts';

/** A step as the embedded emulator played it. */
export interface Played {
  readonly call: Call;
  /** Whether the object was there before the call. */
  readonly wasLive: boolean;
  readonly answer: Answer;
}

export const INSERTS: readonly Call['kind'][] = ['insert-multipart', 'insert-media'];

export function isRead({ kind }: Call): boolean {
  return kind === 'get' || kind === 'get-media';
}

export function isMissing(
  { call, wasLive, answer }: Played,
  kinds: readonly Call['kind'][],
  status: number,
): boolean {
  return !wasLive && kinds.includes(call.kind) && answer.status === status;
}

export function isRefusedWrite({ call, wasLive, answer }: Played): boolean {
  return wasLive && !isRead(call) && answer.status === 412;
}

function guardsOf(call: Call): Guards {
  return call.kind === 'list' ? {} : call.guards;
}

export function guard({ call }: Played, name: keyof Guards): Guard | undefined {
  return guardsOf(call)[name];
}

/** Whether any precondition of a call is one of these. */
export function has(call: Call, kinds: readonly Guard[]): boolean {
  const guards = guardsOf(call);
  return GUARD_NAMES.some((name) => kinds.some((kind) => kind === guards[name]));
}

export function hasZerosOnly({ call }: Played): boolean {
  return has(call, ['zero']) && !has(call, ['matching', 'stale']);
}

export function nulledKeys(call: Call): string[] {
  const metadata = call.kind === 'patch' ? call.change.metadata : undefined;
  return Object.entries(metadata ?? {}).flatMap(([key, value]) => (value === null ? [key] : []));
}

export function changed({ status, shown = [] }: Answer, change: (one: Shown) => Shown): Answer {
  return { status, shown: shown.map((one) => change(one)) };
}
