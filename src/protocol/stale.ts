import type { SeenObject } from './outcome.ts';
import type { Standing } from './semaphore.ts';
import { MAX_DRIFT, type Millis } from './timing.ts';

/** What one process has seen of a lock object and since when; kept across calls. */
export interface Observation {
  /** Generation, lease id, refresh count, ttl and state: not the metageneration, which a stranger's edits of
   * other keys move as well, and such edits must not keep a dead lock alive. */
  readonly tuple: string;
  /** When, on the monotonic clock, the answer that first showed the tuple arrived. */
  readonly sinceMs: Millis;
}

/** Adds a sighting: the same tuple keeps its time, another starts anew. */
export function observe(
  previous: Observation | undefined,
  object: SeenObject,
  arrivedMs: Millis,
): Observation | undefined {
  if (object.content.kind !== 'record') return undefined;
  const { state, leaseId, ttlMs, refreshCount } = object.content.record;
  const tuple = [object.version.generation, state, leaseId, ttlMs, refreshCount].join(' ');
  return previous?.tuple === tuple ? previous : { tuple, sinceMs: arrivedMs };
}

export interface StaleRules {
  /** Pays for differences between clocks inside the service, milliseconds. */
  readonly clockSkewMs: Millis;
  /** `observation` switches the server's clocks off as a reason. */
  readonly takeover: 'server-clock' | 'observation';
}

/** The milliseconds of a second: the `Date` header is cut to whole ones. */
const DATE_STEP_MS = 1000;

/**
 * How long until a record may be taken over: 0 when it may be now, else the earliest moment at which
 * looking again could show that.
 *
 * Two rules, either of which is enough. By the server's clocks, `Date` and `updated` of one answer, so that
 * no client's clock enters; and by having seen the record unchanged for its ttl, on one's own monotonic
 * clock with the drift that it may have. The ttl is the record's own, never the reader's.
 *
 * @param observedSinceMs - when the answer that first showed the record unchanged arrived; for a record that
 * an earlier takeover proved to be an old reading, no earlier than that proof.
 * @param distrustDate - the answer may be an old reading: only the observation counts.
 */
export function timeUntilStale(
  object: SeenObject,
  rules: StaleRules,
  observedSinceMs: Millis,
  nowMs: Millis,
  distrustDate: boolean,
): Millis {
  if (object.content.kind !== 'record') return Infinity;
  const { ttlMs, refreshCount } = object.content.record;
  const observedMs = observedSinceMs + ttlMs * (1 + MAX_DRIFT) + rules.clockSkewMs - nowMs;
  if (observedMs <= 0) return 0;
  const isDateOfUse =
    rules.takeover === 'server-clock' && !distrustDate && countsRefreshes(object, refreshCount);
  if (!isDateOfUse || object.serverTime === undefined) return observedMs;
  const staleAt = object.updatedAt + ttlMs + rules.clockSkewMs;
  if (object.serverTime >= staleAt) return 0;
  // `Date` first shows a second that is past `staleAt` when that second begins, and now may be anywhere in
  // the second that it shows.
  const dateMs = Math.ceil(staleAt / DATE_STEP_MS) * DATE_STEP_MS - object.serverTime - DATE_STEP_MS;
  return Math.max(1, Math.min(observedMs, dateMs));
}

/**
 * How long until a record may be replaced as far as one reading of it shows: 0 for now, be it stale, free or left
 * behind by this process itself.
 *
 * @param known - what the process knows of the record from before.
 */
export function timeUntilReplaceable(
  object: SeenObject,
  known: { readonly observedSinceMs?: Millis; readonly isOwnOrphan?: boolean },
  rules: StaleRules,
  nowMs: Millis,
): Millis {
  if (object.content.kind !== 'record') return Infinity;
  const { state } = object.content.record;
  // A cooling record is to stay for its time whoever left it.
  if (state === 'free' || (state === 'held' && known.isOwnOrphan === true)) return 0;
  return timeUntilStale(object, rules, known.observedSinceMs ?? nowMs, nowMs, false);
}

/**
 * Whether this store shows when a record was last refreshed. Google does; fake-gcs-server 1.56.1 and gcsemulator
 * leave `updated` as it was at the creation, so that a lock that is refreshed all the time would look stale:
 * there only watching it tells (docs/decisions/0005).
 */
function countsRefreshes(object: SeenObject, refreshCount: number): boolean {
  if (refreshCount === 0) return true;
  return object.version.metageneration !== '1' && object.updatedAt > object.createdAt;
}

/** How a lock stands by the server's clocks; without an object it would be free. */
export function standingOf(object: SeenObject, rules: StaleRules): Standing {
  if (object.content.kind === 'foreign') return 'unusable';
  if (object.content.kind === 'newer') return 'held';
  if (object.content.record.state === 'free') return 'free';
  const isStale = timeUntilStale(object, { ...rules, takeover: 'server-clock' }, 0, 0, false) === 0;
  return isStale ? 'stale' : 'held';
}
