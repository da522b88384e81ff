import type { GcsEvent, GcsEventOptions } from '../../src/event/event.ts';
import { createMemoryBucket, type ImaginedProcess, type MemoryBucket } from '../../src/testing/index.ts';
import { settle } from '../settle.ts';

export const NAME = 'events/imported';
export const PATCH = { operation: 'objects.patch' } as const;
export const CREATE = { operation: 'objects.insert' } as const;
export const GET = { operation: 'objects.get' } as const;

export interface EventWorld extends MemoryBucket {
  /** The event as a process of its own opens it. */
  event(options?: GcsEventOptions, process?: ImaginedProcess): GcsEvent;
  /** Waits for an outcome while whatever time it needs passes. */
  settle<T>(work: Promise<T>): Promise<T>;
  /** What the object says, apart from the ids of its writes. */
  stored(): { readonly state?: string; readonly payload?: string; readonly sets?: string } | undefined;
  /** What was asked of the store so far, as method and status. */
  asked(): string[];
}

/** A bucket that keeps to the rules of the real one, and replays no answer. */
export function eventWorld(options: Parameters<typeof createMemoryBucket>[0] = {}): EventWorld {
  const world = createMemoryBucket({ idempotencyReplayMs: 0, ...options });
  const { emulator, bucket } = world;
  return {
    ...world,
    event: (own = {}, process = world.process()) => process.event(NAME, own),
    settle: (work) => settle(world, work),
    stored() {
      const metadata = emulator.object(bucket, NAME)?.metadata;
      if (metadata === undefined) return undefined;
      const { state = '', payload = '', sets = '' } = metadata;
      return { state, payload, sets };
    },
    asked: () => emulator.requests.all().map(({ method, status }) => `${method} ${status}`),
  };
}
