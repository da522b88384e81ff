import type { Dice } from './dice.ts';

/** What is heard of a request in place of the store's own answer. */
export type Instead =
  /** Nobody can tell whether it was applied: a reset, a server error, a body that is broken or somebody else's. */
  | 'reset'
  | 'error'
  | 'cut'
  | 'page'
  /** The object as it is, in place of what came of the request: somebody on the way has mixed two answers up. */
  | 'mixed-up'
  /** Surely not applied. */
  | 'busy'
  | 'unsent'
  | 'forbidden'
  | 'no-token';

/** What becomes of one request: when it is carried out, how often, and what its sender hears. */
export interface Fate {
  /** How long after it was sent the store gets it, each time that it does. */
  readonly executionsMs: readonly number[];
  /** How long after it was sent its sender hears something; absent where nothing is ever heard. */
  readonly heardMs?: number;
  /** Given where it is heard before the store got it. */
  readonly instead?: Instead;
  /** What is unusual about it, in a word. */
  readonly fault?: string;
}

/** A time in which one network is worse than usual. */
export interface Weather {
  readonly fromMs: number;
  readonly toMs: number;
  /** `cut`: nothing passes. `mute`: requests pass, answers do not. `late`: requests pass sooner or later. */
  readonly kind: 'cut' | 'mute' | 'late';
}

const FAULTS = [
  'late',
  'slow',
  'lost',
  'mute',
  'broken before',
  'broken after',
  'broken late',
  'double',
  'double',
  'refused',
] as const;

const BROKEN = ['reset', 'error', 'cut', 'page', 'mixed-up'] as const;

/** How long a request or an answer is usually under way. */
const TRIP_MS = [2, 30] as const;

/** A request that nothing happens to. */
export function smooth(dice: Dice): Fate {
  const soonMs = dice.between(...TRIP_MS);
  return { executionsMs: [soonMs], heardMs: soonMs + dice.between(...TRIP_MS) };
}

/** What bad weather makes of a request. */
export function stormy(dice: Dice, { kind }: Weather, latestMs: number): Fate {
  const lateMs = dice.between(0, latestMs);
  if (kind === 'mute') return { executionsMs: [dice.between(...TRIP_MS)], fault: kind };
  const passes = dice.chance(kind === 'late' ? 0.9 : 0.3);
  return { executionsMs: passes ? [lateMs] : [], fault: kind };
}

/** A request that something happens to though the weather is good. */
export function unlucky(dice: Dice, latestMs: number): Fate {
  const soonMs = dice.between(...TRIP_MS);
  const backMs = dice.between(...TRIP_MS);
  const lateMs = dice.between(0, latestMs);
  const instead = dice.pick(...BROKEN);
  const fault = dice.pick(...FAULTS);
  switch (fault) {
    case 'late':
      return { executionsMs: [lateMs], heardMs: lateMs + backMs, fault };
    case 'slow':
      return { executionsMs: [soonMs], heardMs: soonMs + lateMs, fault };
    case 'lost':
      return { executionsMs: [], fault };
    case 'mute':
      return { executionsMs: [soonMs], fault };
    case 'broken before':
      return { executionsMs: [], heardMs: soonMs + backMs, instead, fault };
    case 'broken after':
      return { executionsMs: [soonMs], heardMs: soonMs + backMs, instead, fault };
    case 'broken late':
      return { executionsMs: [backMs + lateMs], heardMs: backMs, instead, fault };
    case 'double':
      return { executionsMs: [soonMs, lateMs], heardMs: soonMs + backMs, fault };
    case 'refused': {
      const refusal = dice.pick('busy', 'unsent', 'busy', 'unsent', 'forbidden', 'no-token');
      return { executionsMs: [], heardMs: backMs, instead: refusal, fault };
    }
    default:
      return fault satisfies never;
  }
}
