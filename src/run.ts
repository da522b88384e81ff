import { LeaseInDoubtError, LeaseLostError } from './errors.ts';

/** What `run` needs of a lease, of one lock or of several. */
interface Held extends AsyncDisposable {
  readonly lossError: LeaseLostError | undefined;
  throwIfLost(): void;
  refresh(): Promise<void>;
}

/**
 * Runs a callback under a lease that was just acquired, and releases it however the callback ends.
 *
 * A loss rejects only once the callback has settled: until then its work may still be going on, and whoever
 * awaits this call must be able to rely on its end.
 */
export async function runWith<L extends Held, T>(
  lease: L,
  callback: (lease: L) => T | PromiseLike<T>,
): Promise<T> {
  await using held = lease;
  let value: T;
  try {
    value = await callback(held);
  } catch (error) {
    throw held.lossError === undefined ? error : lostWith(held.lossError, error);
  }
  if (isInDoubt(held)) await held.refresh().catch(() => undefined);
  if (held.lossError !== undefined) throw held.lossError;
  return value;
}

/**
 * Whether nobody knows yet if the lease outlived a sleep of the machine. That is found out before the release,
 * which would answer it with one word too few: work during which somebody else held the lock must not pass
 * for done.
 */
function isInDoubt(lease: Held): boolean {
  try {
    lease.throwIfLost();
  } catch (error) {
    return error instanceof LeaseInDoubtError;
  }
  return false;
}

/** The loss, with the callback's own error as its cause unless that error is the loss itself. */
function lostWith(loss: LeaseLostError, error: unknown): LeaseLostError {
  if (error === loss || error instanceof LeaseLostError) return loss;
  return new LeaseLostError(loss.reason, { lock: loss.lock, cause: error });
}
