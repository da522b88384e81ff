import type { EmulatorOptions } from '../../emulator/index.ts';
import type { LockEvent } from '../../src/events.ts';
import { slotName } from '../../src/protocol/semaphore.ts';
import type { SemaphoreLease } from '../../src/semaphore/semaphore-lease.ts';
import type { GcsSemaphore, GcsSemaphoreOptions } from '../../src/semaphore/semaphore.ts';
import { createMemoryBucket, type ImaginedProcess, type MemoryBucket } from '../../src/testing/index.ts';
import { put } from '../faults/calls.ts';
import { settle } from '../settle.ts';

export const NAME = 'limits/reports';

/** A bucket in memory in which processes use one semaphore. */
export interface SemaphoreWorld extends MemoryBucket {
  /** A semaphore as a process makes it: a process of its own, unless one is given. */
  semaphore(options?: GcsSemaphoreOptions, process?: ImaginedProcess): GcsSemaphore;
  settle<T>(work: Promise<T>): Promise<T>;
  /** What was asked of the store since the last call, as method, status and the last part of the name. */
  asked(): string[];
  /** The names of the objects that are there. */
  names(): string[];
  readonly events: LockEvent[];
}

export function semaphoreWorld(options: EmulatorOptions & { readonly seed?: number } = {}): SemaphoreWorld {
  const memory = createMemoryBucket({ idempotencyReplayMs: 0, ...options });
  const { emulator, bucket } = memory;
  const events: LockEvent[] = [];
  let askedCount = 0;
  return {
    ...memory,
    events,
    semaphore: (more = {}, process = memory.process()) =>
      process.semaphore(NAME, more, { logger: (event) => events.push(event) }),
    settle: (work) => settle(memory, work),
    asked() {
      const requests = emulator.requests.all().slice(askedCount);
      askedCount += requests.length;
      return requests.map(({ method, status, object, operation }) =>
        [method, status, operation === 'objects.list' ? 'list' : object.split('/').at(-1)].join(' '),
      );
    },
    names: () => emulator.objects(bucket).map(({ name }) => name.slice(NAME.length + 1)),
  };
}

/** Puts a permit's record there, as a holder that is dead has left it. */
export async function plant(
  world: SemaphoreWorld,
  slot: number,
  changes: Record<string, string> = {},
): Promise<void> {
  const metadata = {
    schema: 'gcs-mutex/1',
    state: 'held',
    'lease-id': slot.toString(16).padStart(32, 'd'),
    'ttl-ms': '60000',
    'refresh-count': '0',
    holder: `holder ${slot}`,
    ...changes,
  };
  await put(world, { metadata }, `${NAME}/${slotName(slot)}`);
}

export async function plantPermits(world: SemaphoreWorld, permits: number): Promise<void> {
  const metadata = { schema: 'gcs-mutex-semaphore/1', writes: 'e'.repeat(32), permits: String(permits) };
  await put(world, { metadata }, `${NAME}/permits`);
}

export async function acquireAll(
  world: SemaphoreWorld,
  permits: number,
  count: number,
): Promise<SemaphoreLease[]> {
  return world.settle(
    Promise.all(Array.from({ length: count }, () => world.semaphore({ permits }).acquire())),
  );
}

export async function releaseAll(world: SemaphoreWorld, leases: readonly SemaphoreLease[]): Promise<void> {
  await world.settle(Promise.all(leases.map((lease) => lease.release())));
}
