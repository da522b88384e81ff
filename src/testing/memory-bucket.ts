import { createEmulator, type Emulator, type EmulatorOptions } from '../../emulator/index.ts';
import { readAnswer } from '../gcs/read-answer.ts';
import { type Transport, TransportError } from '../gcs/transport.ts';
import { ProcessMemory } from '../memory.ts';
import { type ImaginedProcess, imagineProcess } from './imagined-process.ts';
import { ManualClock, type ManualMachine } from './manual-clock.ts';
import { seededRandom } from './seeded-random.ts';

/** Names the far side in errors; nothing listens there, since nothing is sent over a network. */
const ENDPOINT = 'http://127.0.0.1:4443';

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
      return imagineProcess(machine, own, { bucket, options: { apiEndpoint: ENDPOINT } });
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
      throw new TransportError('interrupted', 'The connection broke, or the attempt was cut off.');
    }
  };
}
