import { createEmulator, type EmulatorOptions } from '../../emulator/index.ts';
import { createGoogleTransport } from '../../src/gcs/auth.ts';
import { resolveEndpoint } from '../../src/gcs/endpoint.ts';
import { type Transport, TransportError } from '../../src/gcs/transport.ts';
import { ProcessMemory } from '../../src/memory.ts';
import {
  createMemoryBucket,
  ManualClock,
  type ManualMachine,
  type MemoryBucket,
  seededRandom,
} from '../../src/testing/index.ts';
import { imagineProcess } from '../../src/testing/imagined-process.ts';
import { type Access, accessTo } from './access.ts';
import { takeDoor } from './doors.ts';
import { TOKENS } from './tokens.ts';
import { traffic } from './traffic.ts';
import { through } from './way.ts';

/**
 * A bucket on a clock that the test drives, which locks reach in the project's way: the one place where the
 * tests of the mutex make their store and their mutexes.
 */
export function createTestBucket(options: EmulatorOptions = {}): TestBucket {
  if (through().way !== 'memory') return createBucketBehindHttp(options);
  return { ...createMemoryBucket(options), url: 'http://127.0.0.1:4443' };
}

/** A bucket with the address of its store. */
export interface TestBucket extends MemoryBucket {
  readonly url: string;
}

/** The same as a bucket in memory, but for its requests, which go through everything that real ones do. */
function createBucketBehindHttp(options: EmulatorOptions): TestBucket {
  const clock = new ClockOfTraffic();
  const bucket = 'memory';
  const server = clock.machine();
  const emulator = createEmulator({
    clock: clock.wallMs,
    sleep: traffic.sleeping(
      (ms) => new Promise((resolve) => void server.setTimer(ms, 'foreground', resolve)),
    ),
    buckets: [bucket],
    tokens: TOKENS,
    ...options,
  });
  const door = takeDoor();
  door.lead(traffic.serving(emulator));
  const random = seededRandom(1);
  return {
    clock,
    emulator,
    bucket,
    url: door.url,
    process() {
      const machine = clock.machine();
      const access = accessTo(door.url, bucket);
      const transport = ofMachine(machine, traffic.watching(transportOf(access)));
      const own = { clock: machine, random, transport, memory: new ProcessMemory() };
      return imagineProcess(machine, own, access);
    },
  };
}

/** The transport that a mutex makes for itself. */
export function transportOf({ bucket, options }: Access): Transport {
  const { apiEndpoint, auth } = options;
  const bucketObject = typeof bucket === 'string' ? undefined : bucket;
  const endpoint = resolveEndpoint({
    apiEndpoint,
    bucket: bucketObject,
    hasAuth: auth !== undefined,
    env: {},
  });
  return createGoogleTransport({ endpoint, auth, bucket: bucketObject });
}

/** A machine that is stopped gets no answer before it runs again. */
function ofMachine(machine: ManualMachine, transport: Transport): Transport {
  return async (request, signal) => {
    try {
      const answer = await transport(request, signal);
      await machine.running();
      if (signal.aborted) throw new TransportError('interrupted', 'cut off while the machine did not run');
      return answer;
    } catch (error) {
      await machine.running();
      throw error;
    }
  };
}

/** A driven clock that waits for the traffic before it goes on. */
class ClockOfTraffic extends ManualClock {
  protected override rest(): Promise<void> {
    return traffic.rest();
  }
}
