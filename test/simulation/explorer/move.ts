import type { Request } from './request.ts';
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
  | 'freeze'
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

/** What the checks want to know of a turn. */
export type Noted =
  | { readonly kind: 'sent'; readonly request: Request }
  | { readonly kind: 'granted'; readonly counter: string | undefined; readonly isHeld: boolean }
  | { readonly kind: 'released'; readonly wasHeld: boolean; readonly generation: string };

/** Told of every move that is possible, in the same order every time. */
export type Take = (
  move: Move,
  next: World,
  cost: 0 | 1,
  noted: readonly Noted[],
  applied: Applied | undefined,
) => void;
