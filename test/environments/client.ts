// A program whose lock is on Google, and whose credentials are those of its environment: nothing is told to it but
// what to do. Compiled by the build; started by the tests.
import { GcsMutex, type Lease } from '../../src/index.ts';

/** What a parent tells this process to do, and with how much time for a request. */
export interface Order {
  readonly do: 'acquire' | 'tryAcquire' | 'refresh' | 'release' | 'status' | 'hold-on' | 'break';
  readonly requestTimeoutMs?: number;
  readonly ttlMs?: number;
  readonly refreshIntervalMs?: number;
}

/** What came of it. */
export interface Report {
  /** The value, or the error's code. */
  readonly result: string;
  readonly message: string;
}

const [bucket = '', name = ''] = process.argv.slice(2);

let lease: Lease | undefined;

async function carryOut({ do: what, ...order }: Order): Promise<string> {
  const mutex = new GcsMutex(bucket, name, { ttlMs: 60_000, requestTimeoutMs: 30_000, ...order });
  switch (what) {
    case 'acquire':
      lease = await mutex.acquire();
      return 'granted';
    case 'tryAcquire':
      lease = await mutex.tryAcquire();
      return lease === undefined ? 'held by another' : 'granted';
    case 'refresh':
      await lease?.refresh();
      return `held: ${lease?.isHeld}`;
    case 'release':
      return `released: ${await lease?.release()}`;
    case 'status':
      return (await mutex.status()) === undefined ? 'free' : 'held';
    case 'break':
      return `broken: ${await mutex.breakLock()}`;
    case 'hold-on':
      return untilLost();
    default:
      return what satisfies never;
  }
}

/** Holds the lock, as a job does, until it is lost. */
function untilLost(): Promise<string> {
  const held = lease;
  if (held === undefined) throw new Error('there is no lease');
  // The background keeps no process alive, but a job does.
  const job = setInterval(() => {}, 1_000);
  return new Promise((resolve) => {
    const end = (): void => {
      clearInterval(job);
      resolve(`lost: ${held.lossError?.reason}`);
    };
    held.signal.addEventListener('abort', end);
    if (held.signal.aborted) end();
  });
}

process.on('message', (order: Order) => {
  const report = (result: string, message: string): void => {
    process.send?.({ result, message } satisfies Report);
  };
  carryOut(order).then(
    (result) => report(result, ''),
    (error: unknown) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'no error of the library';
      report(code, String(error));
    },
  );
});
