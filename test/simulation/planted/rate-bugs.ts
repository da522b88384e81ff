import type { Bug } from './bugs.ts';

const kind = 'rate';
const SHARE = 'protocol/rate-share';
const RECKONING = 'protocol/rate-reckoning';
const KEEPER = 'rate/rate-keeper';

/** Mistakes that the worlds of the rate limiter must find: one for each part of why no window has more than the limit. */
export const RATE_BUGS: readonly Bug[] = [
  {
    name: 'rate: a share that is over counts no window longer',
    kind,
    module: RECKONING,
    text: '(share.count > 0 ? restMs : 0)',
    instead: '0',
  },
  {
    name: 'rate: what was spent counts no window longer',
    kind,
    module: RECKONING,
    text: 'return untilMs + restMs;',
    instead: 'return untilMs;',
  },
  {
    name: 'rate: no room for clocks of the server that differ',
    kind,
    module: RECKONING,
    text: 'value.windowMs + clockSkewMs',
    instead: 'value.windowMs',
  },
  {
    name: 'rate: a stamp without the second that the server’s time is cut by',
    kind,
    module: SHARE,
    text: 'const CUT_MS = 1_000;',
    instead: 'const CUT_MS = 0;',
  },
  {
    name: 'rate: a stamp of when the reading began',
    kind,
    module: SHARE,
    text: 'return Math.ceil(CUT_MS + countedMs / (1 - MAX_DRIFT) + uncountedMs);',
    instead: 'return 0;',
  },
  {
    name: 'rate: belief from the answer',
    kind,
    module: KEEPER,
    text: 'const belief = { count: plan.count, ttlMs, sentAt: at };',
    instead: 'const belief = { count: plan.count, ttlMs, sentAt: this.#limiter.document.clock.now() };',
  },
  {
    name: 'rate: what was handed out of a share that becomes smaller is free at once',
    kind,
    module: SHARE,
    text: 'if (count <= 0)',
    instead: 'if (count <= 1000)',
  },
  {
    name: 'rate: what was handed out is as old as the oldest of it',
    kind,
    module: SHARE,
    text: 'taken.find((entry) => (later += entry.count) > keptCount)',
    instead: 'taken.at(-1)',
  },
  {
    name: 'rate: a window that is no longer for clocks that run fast',
    kind,
    module: 'protocol/rate-log',
    text: 'windowMs * (1 + MAX_DRIFT)',
    instead: 'windowMs',
  },
  {
    name: 'rate: a smaller share is kept to only once it is known to be written',
    kind,
    module: KEEPER,
    text: 'this.#lower(plan.count);',
    instead: '',
  },
  {
    name: 'rate: a share is used to its end',
    kind,
    module: SHARE,
    text: 'if (belief === undefined || at.monotonicMs >= beliefEnd(belief) || sleptSince(belief, at))',
    instead: 'if (belief === undefined || sleptSince(belief, at))',
  },
  {
    name: 'rate: sleep goes unnoticed',
    kind,
    module: SHARE,
    text: 'return sleptBetween(sentAt, at, { ttlMs, marginMs: MARGIN * ttlMs });',
    instead: 'return false;',
  },
  {
    name: 'rate: a stop that no clock shows goes unnoticed',
    kind,
    module: KEEPER,
    text: 'this.#resumeCount += 1;\n        this.#belief = undefined;',
    instead: '',
  },
  {
    name: 'rate: a write without an answer counts as applied',
    kind,
    module: 'protocol/document',
    text: "case 'unknown':\n            return read(",
    instead:
      "case 'unknown':\n            return end(state, { kind: 'written', value: pending.record.value });\n            return read(",
  },
  {
    name: 'rate: a write that is refused counts as applied',
    kind,
    module: 'protocol/document',
    text: "return pending.isUndecided ? read(state, event.at) : pause(state, 'read', event);",
    instead: "return end(state, { kind: 'written', value: pending.record.value });",
  },
  {
    name: 'rate: a document is patched without a guard',
    kind,
    module: 'gcs/json-api',
    text: 'patchRequest(urls, codec.encode(record), guardsOf(expected), options);',
    instead: "patchRequest(urls, codec.encode(record), 'alt=json', options);",
  },
  {
    name: 'rate: what was spent by others is taken again',
    kind,
    module: SHARE,
    text: ' - sum(spent.map((part) => part.count))',
    instead: '',
  },
];
