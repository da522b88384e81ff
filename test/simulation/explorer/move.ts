import type { Request } from './request.ts';
import type { Noted } from './turn.ts';
import type { Stored, World } from './world.ts';

/** What may happen next. The history of a violation is told in these words (see `story.ts`). */
export type MoveKind =
  | 'start'
  | 'end'
  | 'forget'
  | 'look'
  | 'pause-over'
  | 'guard'
  | 'alarm'
  | 'limit'
  | 'hear'
  | 'wake'
  | 'deliver'
  | 'deliver-slowly'
  | 'deliver-unheard'
  | 'deliver-twice'
  | 'deliver-busy'
  | 'delay'
  | 'reset'
  | 'crash'
  | 'stop'
  | 'sleep'
  | 'nap'
  | 'doze'
  | 'resumed'
  | 'abort'
  | 'deliver-stray'
  | 'delay-stray'
  | 'edit'
  | 'time';

/** One move: what it is, whose, and in which slot. */
export interface Move {
  readonly kind: MoveKind;
  readonly client: number;
  readonly slot: number;
}

/** A write that was applied, and the object as it was before. */
export interface Applied {
  readonly request: Request;
  readonly before: Stored | undefined;
}

/** Told of every move that is possible, in the same order every time. */
export type Take = (
  move: Move,
  next: World,
  cost: 0 | 1,
  noted: readonly Noted[],
  applied: Applied | undefined,
) => void;
