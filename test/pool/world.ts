import type { EmulatorOptions } from '../../emulator/index.ts';
import type { GcsResourcePool } from '../../src/pool/pool.ts';
import type { GcsResourcePoolOptions } from '../../src/pool/pool-options.ts';
import { createMemoryBucket, type ImaginedProcess, type MemoryBucket } from '../../src/testing/index.ts';
import { put } from '../faults/calls.ts';
import { settle } from '../settle.ts';

export const NAME = 'pools/accounts';

/** A bucket in memory in which processes use one pool. */
export interface PoolWorld extends MemoryBucket {
  /** A pool as a process makes it: a process of its own, unless one is given. */
  pool<T = undefined>(options?: GcsResourcePoolOptions<T>, process?: ImaginedProcess): GcsResourcePool<T>;
  settle<T>(work: Promise<T>): Promise<T>;
  /** What was asked of the store since the last call, as method, status and the last part of the name. */
  asked(): string[];
  /** The names of the objects that are there. */
  names(): string[];
  /** Which resources are stored. */
  stored(): string | undefined;
  /** Puts a resource's record there, as a holder that is dead has left it. */
  plant(resource: string, changes?: Record<string, string>): Promise<void>;
}

export function poolWorld(options: EmulatorOptions & { readonly seed?: number } = {}): PoolWorld {
  const memory = createMemoryBucket({ idempotencyReplayMs: 0, ...options });
  const { emulator, bucket } = memory;
  let askedCount = 0;
  return {
    ...memory,
    pool: (more = {}, process = memory.process()) => process.pool(NAME, more),
    settle: (work) => settle(memory, work),
    asked() {
      const requests = emulator.requests.all().slice(askedCount);
      askedCount += requests.length;
      return requests.map(({ method, status, object, operation }) =>
        [method, status, operation === 'objects.list' ? 'list' : object.slice(NAME.length + 1)].join(' '),
      );
    },
    names: () => emulator.objects(bucket).map(({ name }) => name.slice(NAME.length + 1)),
    stored: () => emulator.object(bucket, `${NAME}/resources`)?.metadata?.['resources'],
    plant(resource, changes = {}) {
      const metadata = {
        schema: 'gcs-mutex/1',
        state: 'held',
        'lease-id': 'd'.repeat(32),
        'ttl-ms': '60000',
        'refresh-count': '0',
        holder: `holder of ${resource}`,
        ...changes,
      };
      return put(memory, { metadata }, `${NAME}/use-${resource}`);
    },
  };
}
