import { createEmulator, type Emulator, type EmulatorOptions } from '../../emulator/index.ts';
import type { Components } from '../components.ts';
import { GcsEvent, type GcsEventOptions } from '../event.ts';
import { readAnswer } from '../gcs/read-answer.ts';
import { type Transport, TransportError } from '../gcs/transport.ts';
import { ProcessMemory } from '../memory.ts';
import { GcsMutex } from '../mutex.ts';
import type { GcsMutexOptions } from '../options.ts';
import { GcsResourcePool } from '../pool.ts';
import type { GcsResourcePoolOptions } from '../pool-options.ts';
import { GcsSemaphore, type GcsSemaphoreOptions } from '../semaphore.ts';
import { ManualClock, type ManualMachine } from './manual-clock.ts';
import { seededRandom } from './seeded-random.ts';

/** Names the far side in errors; nothing listens there, since nothing is sent over a network. */
const ENDPOINT = 'http://127.0.0.1:4443';

/** One process of the imagined world: its machine, and what it has learnt of its locks. */
export interface ImaginedProcess {
  readonly machine: ManualMachine;
  readonly components: Required<Pick<Components, 'clock' | 'random' | 'transport' | 'memory'>>;
  /** A mutex as this process would make it. */
  mutex(name: string, options?: GcsMutexOptions, components?: Components): GcsMutex;
  /** An event as this process would make it. */
  event(name: string, options?: GcsEventOptions, components?: Components): GcsEvent;
  /** A pool as this process would make it. */
  pool<T = undefined>(
    name: string,
    options?: GcsResourcePoolOptions<T>,
    components?: Components,
  ): GcsResourcePool<T>;
  /** A semaphore as this process would make it. */
  semaphore(name: string, options?: GcsSemaphoreOptions, components?: Components): GcsSemaphore;
}

/** A bucket in memory, on a clock that a test drives: no port, no real time, the same run for the same seed. */
export interface MemoryBucket {
  readonly clock: ManualClock;
  readonly emulator: Emulator;
  readonly bucket: string;
  /** Another process, on a machine of its own. */
  readonly process: () => ImaginedProcess;
}

/**
 * A bucket in memory for testing code that uses locks.
 *
 * @param options - `seed` for all chance (default 1); the rest goes to the emulator.
 */
export function createMemoryBucket(options: EmulatorOptions & { readonly seed?: number } = {}): MemoryBucket {
  const { seed = 1, ...emulatorOptions } = options;
  const clock = new ManualClock();
  const bucket = 'memory';
  const server = clock.machine();
  const emulator = createEmulator({
    clock: clock.wallMs,
    // What the emulator delays, it delays on the same clock.
    sleep: (ms) => new Promise((resolve) => void server.setTimer(ms, 'foreground', resolve)),
    buckets: [bucket],
    ...emulatorOptions,
  });
  const random = seededRandom(seed);
  return {
    clock,
    emulator,
    bucket,
    process() {
      const machine = clock.machine();
      const transport = transportOf(emulator, machine);
      const own = { clock: machine, random, transport, memory: new ProcessMemory() };
      return {
        machine,
        components: own,
        mutex: (name, mutexOptions = {}, components = {}) =>
          new GcsMutex(bucket, name, { apiEndpoint: ENDPOINT, ...mutexOptions }, { ...own, ...components }),
        event: (name, eventOptions = {}, components = {}) =>
          new GcsEvent(bucket, name, { apiEndpoint: ENDPOINT, ...eventOptions }, { ...own, ...components }),
        pool: (name, poolOptions = {}, components = {}) =>
          new GcsResourcePool(
            bucket,
            name,
            { apiEndpoint: ENDPOINT, ...poolOptions },
            { ...own, ...components },
          ),
        semaphore: (name, semaphoreOptions = {}, components = {}) =>
          new GcsSemaphore(
            bucket,
            name,
            { apiEndpoint: ENDPOINT, ...semaphoreOptions },
            { ...own, ...components },
          ),
      };
    },
  };
}

/** Hands requests straight to the emulator; a stopped machine gets no answer before it runs again. */
function transportOf(emulator: Emulator, machine: ManualMachine): Transport {
  return async (request, signal) => {
    if (signal.aborted) throw new TransportError('unsent', 'the attempt was cut off before it was sent');
    const { method, url, headers, body } = request;
    try {
      const init = { method, headers, signal, ...(body === undefined ? {} : { body }) };
      const response = await emulator.handler(new Request(url, init));
      const { status, headers: answered, body: data } = response;
      const answer = await readAnswer({ status, headers: answered, data }, request.maxBodyBytes);
      await machine.running();
      if (signal.aborted) throw signal.reason;
      return answer;
    } catch (error) {
      await machine.running();
      if (error instanceof TransportError) throw error;
      throw new TransportError('interrupted', 'the connection broke or the attempt was cut off');
    }
  };
}
