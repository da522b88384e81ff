/** A user of the semaphore: several permits, how it stands, and every error about their number. */
import {
  GcsSemaphore,
  type GcsSemaphoreOptions,
  type PermitStatus,
  PermitsMismatchError,
  PermitsUnknownError,
  type SemaphoreAcquireOptions,
  type SemaphoreLease,
  type SemaphoreStatus,
  type SemaphoreTryOptions,
  type SemaphoreTryRunResult,
} from 'gcs-mutex';

const options: GcsSemaphoreOptions = { permits: 5, ttlMs: 60_000 };

export async function withPermits(signal: AbortSignal): Promise<readonly string[]> {
  const semaphore = new GcsSemaphore('my-bucket', 'limits/reports', options);
  const patient: SemaphoreAcquireOptions = { permits: 2, timeoutMs: 1_000, signal };
  const impatient: SemaphoreTryOptions = { permits: 1, signal };
  const lease: SemaphoreLease = await semaphore.acquire(patient);
  lease.throwIfLost();
  await lease.refresh({ signal });
  const told = [
    lease.lock,
    ...lease.slots,
    ...lease.leaseIds,
    `${lease.permits} ${lease.remainingMs} ${lease.isHeld}`,
  ];
  const result: SemaphoreTryRunResult<number> = await semaphore.tryRun((inner) => inner.permits, impatient);
  // Without `strict` TypeScript tells the two apart by what they have, and not by `ran`.
  told.push('value' in result ? String(result.value) : tell(result.status));
  await lease.release({ timeoutMs: 1_000 });
  const isChanged: boolean = await semaphore.setPermits(6, { ifPermits: await semaphore.permits(), signal });
  return [
    ...told,
    `${isChanged} ${await semaphore.availablePermits()}`,
    tell(await semaphore.status({ signal })),
  ];
}

function tell({ permits, held, free, stale, unusable, available, holders }: SemaphoreStatus): string {
  const names = holders.map(({ slot, holder, isStale }: PermitStatus) => `${slot} ${holder} ${isStale}`);
  return [permits, held, free, stale, unusable, available, ...names].join();
}

export function numbersIn(error: unknown): string {
  if (error instanceof PermitsMismatchError) return `${error.stored} ${error.given}`;
  return error instanceof PermitsUnknownError ? error.code : 'another';
}
