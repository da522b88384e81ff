import type { LockEvent } from '../index.ts';
import { GcsMutex } from '../mutex.ts';
import type { RunOptions } from './run-options.ts';
import { heldBy, leaseOptions, type RunListeners, type RunTarget, targetFrom } from './run-target.ts';
import { held } from './waiting.ts';

/** What the options ask for. Does no I/O. What a lock does not need is loaded for semaphores and pools alone. */
export async function targetOf(
  url: string,
  options: RunOptions,
  listeners: RunListeners,
): Promise<RunTarget> {
  const isSemaphore = options.permits !== undefined || options.take !== undefined;
  const isPool = options.resources !== undefined || options.only !== undefined;
  if (!isSemaphore && !isPool) return lockTarget(url, options, listeners);
  const { poolTarget, semaphoreTarget } = await import('./group-targets.ts');
  return (isSemaphore ? semaphoreTarget : poolTarget)(url, options, listeners);
}

function lockTarget(url: string, options: RunOptions, { onReason, onEvent }: RunListeners): RunTarget {
  const logger = (event: LockEvent): void =>
    event.kind === 'waiting' ? onReason(held(event.holder)) : onEvent(event);
  const mutex = GcsMutex.fromUrl(url, leaseOptions(options), { logger });
  return {
    ...targetFrom(mutex, (lease) => [lease, { GCS_MUTEX_LEASE_ID: lease.leaseId }], heldBy),
    explanation: {
      looksAgain: false,
      async look(signal) {
        const status = await mutex.status({ signal });
        return status === undefined || status.isStale ? undefined : held(status);
      },
    },
    refusalAfter: (holder) => Promise.resolve(heldBy(holder)),
  };
}
