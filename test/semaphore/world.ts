import type { EmulatorOptions } from '../../emulator/index.ts';
import type { LockEvent } from '../../src/events.ts';
import type { GcsSemaphore, GcsSemaphoreOptions } from '../../src/semaphore/semaphore.ts';
import { createMemoryBucket, type ImaginedProcess, type MemoryBucket } from '../../src/testing/index.ts';
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
