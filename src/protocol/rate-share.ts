import type { Decision, SeenDocument } from './document-state.ts';
import { entitlements, sum } from './rate-line.ts';
import type { Taken } from './rate-log.ts';
import { type Reckoning, reckon } from './rate-reckoning.ts';
import { MAX_SHARES, MAX_SPENT_PARTS, type RateValue, type Share, type SpentPart } from './rate-record.ts';
import { type Instant, leaseDeadline, MAX_DRIFT, type Millis, sleptBetween } from './timing.ts';

/** What a process asks of the document for itself. */
export interface ShareAsk {
  /** The share's id. */
  readonly id: string;
  readonly limit: number;
  readonly windowMs: Millis;
  readonly clockSkewMs: Millis;
  /** The ttl where few have a share, and how much of it there must be for each that has one. */
  readonly ttlMs: Millis;
  readonly ttlMsEach: Millis;
  /** How many it could use in a window; 0 gives back what it has and leaves the line. */
  readonly wanted: number;
  readonly needed: number;
  /** What it handed out within the last window, the latest first. */
  readonly taken: readonly Taken[];
  /** How far at most the server's clock has gone on since it answered; see {@link aheadOfAnswer}. */
  readonly aheadMs: Millis;
  /** Whether the share has to be written again in any case. */
  readonly isDue: boolean;
  /** Whether `needed` permits are to be used at once, without a share: for a process that takes once and ends. */
  readonly isOnce: boolean;
  /** Whether it stands in line where it gets nothing: a caller is waiting. */
  readonly isStanding: boolean;
}

/** What is to become of the document, and what that means for whoever asked. */
export interface SharePlan {
  readonly decision: Decision<RateValue, SharePlan['kind']>;
  readonly kind:
    | 'written'
    | 'as-it-is'
    /** Too many have a share or stand in line. */
    | 'full'
    /** The limit or the window is another. */
    | 'mismatch'
    /** The answer did not say what time it was. */
    | 'timeless';
  /** What may be handed out in a window from now on, at the most: no more than this, whatever was allowed before. */
  readonly count: number;
  /** How much of that it is entitled to by what everybody wants. */
  readonly entitled: number;
  /** How many are handed out at once when the document is written, with `isOnce`. */
  readonly once: number;
  /** How many of the oldest that were taken count by themselves once the document is written, and not for the share. */
  readonly spent: number;
}

/** The server cuts its time to whole seconds. */
const CUT_MS: Millis = 1_000;

/**
 * How far the server's clock can have gone on, when a request leaves, since the time that an answer shows: the second that
 * the time is cut to, and all that passed since the reading began, by a clock that may be slow and may have stood still.
 *
 * @param from - read before the reading was sent.
 */
export function aheadOfAnswer(from: Instant, to: Instant): Millis {
  const countedMs = to.monotonicMs - from.monotonicMs;
  const uncountedMs = Math.max(0, to.elapsedMs - from.elapsedMs - countedMs);
  return Math.ceil(CUT_MS + countedMs / (1 - MAX_DRIFT) + uncountedMs);
}

/** A share that a process believes in. */
export interface Belief {
  readonly count: number;
  readonly ttlMs: Millis;
  /** Read just before the write first left that brought it. */
  readonly sentAt: Instant;
}

/** How long before its ttl is over a share is not used any more: for drift, and for sleep that no clock counts. */
const MARGIN = 0.1;

/** When a process stops believing, on its monotonic clock. */
export function beliefEnd({ ttlMs, sentAt }: Belief): Millis {
  return leaseDeadline(sentAt, { ttlMs, marginMs: MARGIN * ttlMs });
}

/** Whether a machine has slept, since a share was sent, for longer than the margin has room for. */
export function sleptSince({ ttlMs, sentAt }: Omit<Belief, 'count'>, at: Instant): boolean {
  return sleptBetween(sentAt, at, { ttlMs, marginMs: MARGIN * ttlMs });
}

/** How many permits a belief allows in a window. */
export function allowedBy(belief: Belief | undefined, at: Instant): number {
  if (belief === undefined || at.monotonicMs >= beliefEnd(belief) || sleptSince(belief, at)) return 0;
  return belief.count;
}

/** When a share is to be written again: twice more can it fail before it ends. */
export function refreshAt({ ttlMs, sentAt }: Belief): Millis {
  return sentAt.monotonicMs + ttlMs / 3;
}

/** Decides what a process writes for itself, if anything. Nobody ever writes for another. */
export function planShare(seen: SeenDocument<RateValue> | undefined, ask: ShareAsk): SharePlan {
  const { limit, windowMs, clockSkewMs } = ask;
  if (seen === undefined) return planWith({ shares: [], spent: [], isAlive: () => false }, 0, ask);
  if (seen.value.limit !== limit || seen.value.windowMs !== windowMs) return leave('mismatch');
  if (seen.serverTime === undefined) return leave('timeless');
  const reckoning = reckon(seen, seen.serverTime, clockSkewMs);
  return planWith(reckoning, seen.serverTime + ask.aheadMs, ask);
}

/** @param nowMs - a moment that the server's clock cannot have passed yet when the write leaves. */
function planWith({ shares, spent, isAlive }: Reckoning, nowMs: Millis, ask: ShareAsk): SharePlan {
  const { id, limit, windowMs } = ask;
  const own = shares.find((share) => share.id === id);
  const others = shares.filter((share) => share.id !== id);
  if (ask.wanted === 0 && own === undefined) return leave('as-it-is');
  if (others.length >= MAX_SHARES) return leave('full');
  const wish = { wanted: ask.wanted, needed: ask.needed };
  const isHungry = (share: Share): boolean => isAlive(share) && share.wanted > share.count;
  const entitledOf = (line: readonly Share[]): ReadonlyMap<string, number> => {
    const wishes = line.map((share) => {
      if (share.id === id) return wish;
      return isAlive(share) ? share : { wanted: 0, needed: 0 };
    });
    const counts = entitlements(wishes, limit);
    return new Map(line.map((share, index) => [share.id, counts[index] ?? 0]));
  };

  const free = Math.max(
    0,
    limit - sum(others.map(({ count }) => count)) - sum(spent.map((part) => part.count)),
  );
  const blank = { id, count: 0, ...wish, stampMs: nowMs, ttlMs: 0 };
  let line = own === undefined ? [...others, blank] : shares;
  const before = entitledOf(line);
  // Where there is not enough for everybody to begin, whoever had its turn goes to the end of the line.
  const isTurnOver = ask.isDue && own !== undefined && own.count > 0;
  if (isTurnOver && others.some((share) => isHungry(share) && before.get(share.id) === 0)) {
    line = [...others, own];
  }
  const entitlement = entitledOf(line);
  const entitled = entitlement.get(id) ?? 0;
  // What it has it need not leave to others, beyond what they are entitled to.
  const open = Math.min(free, Math.max(own?.count ?? 0, free - promised(line, id, entitlement)));
  const reserve = others.some(isHungry) ? 0 : Math.floor(Math.max(0, free - entitled) / 2);
  const count = ask.wanted === 0 || ask.isOnce ? 0 : Math.min(open, entitled + reserve);
  const once = ask.isOnce && ask.needed <= Math.min(open, entitled) ? ask.needed : 0;
  if (!isWorthWriting(own, count + once, ask)) {
    return { ...leave('as-it-is'), count: own?.count ?? 0, entitled };
  }
  const isStaying = ask.wanted > 0 && once === 0;
  // Who has nothing yet keeps its place for as long as a turn of another takes, and need not write so often.
  const ttlMs = Math.max(ask.ttlMs, line.length * ask.ttlMsEach, count === 0 ? windowMs : 0);
  const written = { ...blank, count, ttlMs };
  const left = leftOver(own, count, nowMs, ask);
  const parts = left === undefined ? [...spent] : [...spent, left];
  if (once > 0) parts.push({ count: once, untilMs: nowMs + ask.ttlMs });
  const value: RateValue = {
    limit,
    windowMs,
    shares: line.flatMap((share) => {
      if (share.id !== id) return [share];
      return isStaying ? [written] : [];
    }),
    spent: fewer(parts),
  };
  const done = { count, entitled, once, spent: left?.count ?? 0 };
  return { decision: { kind: 'write', value }, kind: 'written', ...done };
}

/**
 * What is left to those who stand in the line before a process and have too little to begin with: whoever looks more
 * often would else take all that comes free.
 */
function promised(line: readonly Share[], id: string, entitlement: ReadonlyMap<string, number>): number {
  const index = line.findIndex((share) => share.id === id);
  const missing = line
    .slice(0, index)
    .map((share) => (entitlement.get(share.id) === 0 ? 0 : Math.max(0, share.needed - share.count)));
  return sum(missing);
}

/**
 * Whether there is enough to be won by it: each write costs money, and the store takes one a second.
 *
 * @param count - what the writer would have afterwards.
 */
function isWorthWriting(own: Share | undefined, count: number, ask: ShareAsk): boolean {
  if (own === undefined) return count > 0 || ask.isStanding;
  if (ask.isDue || ask.wanted === 0) return true;
  if (own.count < ask.needed && count >= ask.needed) return true;
  // Others give up something only for those whose wish they see.
  const isMoreWanted = ask.wanted > own.wanted && own.wanted <= own.count;
  return isMoreWanted || ask.needed > own.needed || count - own.count > ask.limit / 20;
}

/**
 * What others cannot have yet of a share that becomes smaller: as much as was handed out within the last window and goes
 * beyond what it keeps. The rest was never handed out, and is free at once.
 */
function leftOver(
  own: Share | undefined,
  keptCount: number,
  nowMs: Millis,
  { taken }: ShareAsk,
): SpentPart | undefined {
  const count = Math.min(own?.count ?? 0, sum(taken.map((entry) => entry.count))) - keptCount;
  if (count <= 0) return undefined;
  // From the moment on at which only as many as it keeps were handed out later.
  let later = 0;
  const youngest = taken.find((entry) => (later += entry.count) > keptCount);
  const ageMs = Math.floor((youngest?.ageMs ?? 0) / (1 + MAX_DRIFT));
  return { count, untilMs: Math.max(0, nowMs - ageMs) };
}

/** The same in fewer parts, where there are too many: of two that lie close together the earlier lasts longer then. */
function fewer(spent: readonly SpentPart[]): readonly SpentPart[] {
  const parts = spent.toSorted((one, other) => one.untilMs - other.untilMs);
  while (parts.length > MAX_SPENT_PARTS) {
    const costs = parts.slice(1).map((next, index) => {
      const part = parts[index] ?? next;
      return part.count * (next.untilMs - part.untilMs);
    });
    const index = costs.indexOf(Math.min(...costs));
    const pair = parts.splice(index, 2);
    const untilMs = Math.max(...pair.map((part) => part.untilMs));
    parts.splice(index, 0, { count: sum(pair.map((part) => part.count)), untilMs });
  }
  return parts;
}

function leave(kind: Exclude<SharePlan['kind'], 'written'>): SharePlan {
  return { decision: { kind: 'leave', why: kind }, kind, count: 0, entitled: 0, once: 0, spent: 0 };
}
