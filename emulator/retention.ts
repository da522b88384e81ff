import { ApiError } from './errors.ts';
import type { StoredBucket, StoredObject } from './stored.ts';

/**
 * Until when a bucket's retention policy keeps an object, in epoch milliseconds: for the period from its
 * creation or from the end of its event-based hold. `undefined` without a policy and while an event-based hold
 * puts the period off. Source: kmoneil/zig-gcp `retention.zig`, measured.
 */
export function retainedUntil(object: StoredObject, bucket: StoredBucket): number | undefined {
  const { retentionPeriodS } = bucket.settings;
  if (retentionPeriodS === undefined || object.eventBasedHold === true) return undefined;
  return object.retainedFrom + retentionPeriodS * 1000;
}

/**
 * Refuses to overwrite or delete an object that is held or retained, with the reasons and words that
 * kmoneil/zig-gcp measured: a hold has the reason that a missing permission has too.
 *
 * @param now - epoch milliseconds by the service's clock.
 * @throws ApiError 403.
 */
export function refuseIfKept(object: StoredObject, bucket: StoredBucket, now: number): void {
  const name = `Object '${object.bucket}/${object.name}'`;
  const hold =
    object.eventBasedHold === true ? 'Event-Based' : object.temporaryHold === true ? 'Temporary' : '';
  if (hold !== '') {
    throw new ApiError(
      403,
      `${name} is under active ${hold} hold and cannot be deleted, overwritten or archived until hold is removed.`,
    );
  }
  const until = retainedUntil(object, bucket);
  if (until !== undefined && now < until) {
    // The service says the time in microseconds and in the time of its place; this one is in UTC.
    const time = new Date(until).toISOString().replace('Z', '000+00:00');
    throw new ApiError(
      403,
      `${name} is subject to bucket's retention policy or object retention and cannot be deleted or overwritten until ${time}`,
      { reason: 'retentionPolicyNotMet' },
    );
  }
}
