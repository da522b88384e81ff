import type { SeenDocument } from './document-state.ts';
import { EARLIEST_MS, type RateValue, type Share, type SpentPart } from './rate-record.ts';
import type { Millis } from './timing.ts';

/** What counts against the limit at a moment of the server's clock. */
export interface Reckoning {
  readonly shares: readonly Share[];
  readonly spent: readonly SpentPart[];
  /** Whether a share's process may still be there, and believe in it. */
  readonly isAlive: (share: Share) => boolean;
}

/** A document whose parts are looked at. */
type Seen = Pick<SeenDocument<RateValue>, 'value' | 'createdAt'>;

/**
 * Leaves out what has ended. A share, or a part that was spent, counts for a whole window more than it can have been used,
 * and `clockSkewMs` for clocks of the server that differ.
 */
export function reckon(seen: Seen, serverTime: Millis, clockSkewMs: Millis): Reckoning {
  const { shares, spent, restMs } = partsOf(seen, clockSkewMs);
  return {
    shares: shares.filter((share) => serverTime < shareEnd(share, restMs)),
    spent: spent.filter((part) => serverTime < spentEnd(part, restMs)),
    isAlive: (share) => serverTime < beliefEndAt(share),
  };
}

/** From when on, by the server's clock, nothing counts any more and nobody is in line. */
export function overAt(seen: Seen & Pick<SeenDocument<RateValue>, 'updatedAt'>, clockSkewMs: Millis): Millis {
  const { shares, spent, restMs } = partsOf(seen, clockSkewMs);
  const shareEnds = shares.map((share) => shareEnd(share, restMs));
  const spentEnds = spent.map((part) => spentEnd(part, restMs));
  return Math.max(seen.updatedAt, ...shareEnds, ...spentEnds);
}

/** When the next of what counts comes free by itself; undefined where only live processes have some. */
export function nextEnd(seen: Seen, serverTime: Millis, clockSkewMs: Millis): Millis | undefined {
  const { restMs } = partsOf(seen, clockSkewMs);
  const { shares, spent, isAlive } = reckon(seen, serverTime, clockSkewMs);
  const dead = shares.filter((share) => !isAlive(share));
  const ends = [
    ...dead.map((share) => shareEnd(share, restMs)),
    ...spent.map((part) => spentEnd(part, restMs)),
  ];
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** What a document says, by the server's clock, and how long a part counts after its last use. */
function partsOf({ value, createdAt }: Seen, clockSkewMs: Millis) {
  const absolute = (ms: Millis): Millis => (ms < EARLIEST_MS ? createdAt + ms : ms);
  return {
    shares: value.shares.map((share) => ({ ...share, stampMs: absolute(share.stampMs) })),
    spent: value.spent.map(({ count, untilMs }) => ({ count, untilMs: absolute(untilMs) })),
    restMs: value.windowMs + clockSkewMs,
  };
}

/** By when a process has surely stopped to believe in its share. */
function beliefEndAt({ stampMs, ttlMs }: Share): Millis {
  return stampMs + ttlMs;
}

/** One that only stands in line counts for nothing after that. */
function shareEnd(share: Share, restMs: Millis): Millis {
  return beliefEndAt(share) + (share.count > 0 ? restMs : 0);
}

function spentEnd({ untilMs }: SpentPart, restMs: Millis): Millis {
  return untilMs + restMs;
}
