import { errorFromFailure } from './errors.ts';
import { errorContext, type Lock } from './lock.ts';
import { nextPause, NO_BACKOFF } from './protocol/backoff.ts';
import type { DeleteOutcome, WriteOutcome } from './protocol/outcome.ts';
import { isSameVersion, type Version } from './protocol/version.ts';
import { readObjectUntil, readRecordUntil, type SeenRecord } from './reading.ts';
import { pauseFor, withTimeLimit } from './time-limit.ts';

/** What an operator's forced end is bound to. */
interface BreakOptions {
  readonly ifVersion?: Version | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Removes whatever record is there, or only a certain version of it, within `requestTimeoutMs` in all.
 *
 * The removal is guarded by both numbers of the version that was read, so that nobody's newer lock is touched. A
 * record with a fencing counter is freed in place, since the counter must outlive the lock.
 */
export function breakRecord(lock: Lock, { ifVersion, signal }: BreakOptions): Promise<boolean> {
  return withTimeLimit(lock, signal, async (limit) => {
    const seen = await readRecordUntil(lock, limit);
    if (seen === undefined || seen.content.record.state === 'free') return false;
    if (ifVersion !== undefined && !isSameVersion(ifVersion, seen.version)) return false;
    const end = await removeUntilKnown(lock, seen, limit);
    return end === 'gone-or-changed' ? isGone(lock, seen, limit) : end === 'removed';
  });
}

/** `gone-or-changed`: refused, after an attempt that may have been applied. */
type RemovalEnd = 'removed' | 'changed' | 'gone-or-changed';

async function removeUntilKnown(lock: Lock, seen: SeenRecord, limit: AbortSignal): Promise<RemovalEnd> {
  const idempotencyToken = lock.random.uuid();
  let backoff = NO_BACKOFF;
  let isUndecided = false;
  for (;;) {
    const outcome = await remove(lock, seen, { signal: limit, idempotencyToken });
    if (outcome.kind === 'applied') return 'removed';
    if (outcome.kind === 'refused') return isUndecided ? 'gone-or-changed' : 'changed';
    if (outcome.kind === 'unknown') isUndecided = true;
    if (outcome.kind === 'failed' || limit.aborted)
      throw errorFromFailure(outcome.failure, errorContext(lock));
    const [delayMs, next] = nextPause(lock.settings.backoff, backoff, lock.random.draw());
    backoff = next;
    await pauseFor(lock.clock, Math.max(delayMs, lock.settings.mutationIntervalMs), limit);
  }
}

/** Tells a removal of our own, whose answer was lost, from a refresh that came first. */
async function isGone(lock: Lock, seen: SeenRecord, limit: AbortSignal): Promise<boolean> {
  const now = await readObjectUntil(lock, limit);
  if (now === undefined || now.version.generation !== seen.version.generation) return true;
  return now.content.kind === 'record' && now.content.record.state === 'free';
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
