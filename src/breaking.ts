import { errorFromFailure } from './errors.ts';
import { errorContext, type Lock } from './lock.ts';
import { nextPause, NO_BACKOFF } from './protocol/backoff.ts';
import type { DeleteOutcome, WriteOutcome } from './protocol/outcome.ts';
import { isSameVersion, type Version } from './protocol/version.ts';
import type { SeenRecord } from './reading.ts';
import { pauseFor, withTimeLimit } from './time-limit.ts';

/** What of an operator's forced end. */
interface BreakOptions {
  readonly ifVersion?: Version;
  readonly signal?: AbortSignal;
}

/**
 * Removes the record that was shown, guarded by both numbers of its version, so that nobody's newer lock is
 * touched. A record with a fencing counter is freed in place, since the counter must outlive the lock.
 */
export async function breakRecord(lock: Lock, seen: SeenRecord, options: BreakOptions): Promise<boolean> {
  if (options.ifVersion !== undefined && !isSameVersion(options.ifVersion, seen.version)) return false;
  return withTimeLimit(lock, options.signal, (limit) => removeUntilKnown(lock, seen, limit));
}

async function removeUntilKnown(lock: Lock, seen: SeenRecord, limit: AbortSignal): Promise<boolean> {
  const idempotencyToken = lock.random.uuid();
  let backoff = NO_BACKOFF;
  let isUndecided = false;
  for (;;) {
    const outcome = await remove(lock, seen, { signal: limit, idempotencyToken });
    if (outcome.kind === 'applied') return true;
    // Gone: by this call's own earlier attempt, whose answer was lost, or by somebody else.
    if (outcome.kind === 'refused') return isUndecided;
    if (outcome.kind === 'unknown') isUndecided = true;
    if (outcome.kind === 'failed' || limit.aborted)
      throw errorFromFailure(outcome.failure, errorContext(lock));
    const [delayMs, next] = nextPause(lock.settings.backoff, backoff, lock.random.draw());
    backoff = next;
    await pauseFor(lock.clock, Math.max(delayMs, lock.settings.mutationIntervalMs), limit);
  }
}

function remove(
  lock: Lock,
  seen: SeenRecord,
  options: { readonly signal: AbortSignal; readonly idempotencyToken: string },
): Promise<WriteOutcome | DeleteOutcome> {
  const { record } = seen.content;
  if (record.counter === undefined) return lock.store.delete(seen.version, options);
  return lock.store.patch(seen.version, { ...record, state: 'free' }, options);
}
