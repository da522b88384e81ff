import type { SeenDocument } from '../../src/protocol/document-state.ts';
import type { RateValue, Share } from '../../src/protocol/rate-record.ts';
import { planShare, type ShareAsk, type SharePlan } from '../../src/protocol/rate-share.ts';
import { version } from './tools.ts';

export const NOW_MS = 1_790_000_000_000;
export const LIMIT = 100;
export const WINDOW_MS = 10_000;
export const SKEW_MS = 2_000;
export const TTL_MS = 15_000;
export const id = (number: number): string => number.toString(16).padStart(16, '0');

/** What the process under test asks where a test says nothing else. */
export const ASK: ShareAsk = {
  id: id(1),
  limit: LIMIT,
  windowMs: WINDOW_MS,
  clockSkewMs: SKEW_MS,
  ttlMs: TTL_MS,
  ttlMsEach: 6_000,
  wanted: 20,
  needed: 1,
  taken: [],
  aheadMs: 1_000,
  isDue: false,
  isOnce: false,
  isStanding: true,
};

export function share(number: number, changes: Partial<Share> = {}): Share {
  return { id: id(number), count: 10, wanted: 10, needed: 1, stampMs: NOW_MS, ttlMs: TTL_MS, ...changes };
}

export function seen(
  value: Partial<RateValue>,
  serverTime: number | undefined = NOW_MS,
): SeenDocument<RateValue> {
  const whole = { limit: LIMIT, windowMs: WINDOW_MS, shares: [], spent: [], ...value };
  const times = { updatedAt: NOW_MS, createdAt: NOW_MS - 60_000 };
  return {
    value: whole,
    version: version(7, 1),
    ...times,
    ...(serverTime === undefined ? {} : { serverTime }),
  };
}

export function written(plan: SharePlan): RateValue {
  if (plan.decision.kind !== 'write') throw new Error(`nothing is written: ${plan.kind}`);
  return plan.decision.value;
}

/** What is planned where the document says this. */
export const plan = (
  value: Partial<RateValue>,
  ask: Partial<ShareAsk> = {},
  serverTime = NOW_MS,
): SharePlan => planShare(seen(value, serverTime), { ...ASK, ...ask });
