import { setTimeout as pause } from 'node:timers/promises';
import { GcsMutex, GcsMutexError, type GcsMutexOptions, StoreUnavailableError } from '../../src/index.ts';

/** How many locks the calls are about. Few, so that they meet one another. */
const LOCK_COUNT = 2;
/** How many calls are under way at a time. */
const CALLER_COUNT = 4;

/** What the calls use. */
export interface Ground {
  readonly bucket: string;
  readonly options: GcsMutexOptions;
  /** Given to all calls, and never aborted. */
  readonly signal: AbortSignal;
  /** A lock that is held all the time. */
  readonly heldName: string;
}

/**
 * @param mutex - of a lock that others use as well.
 * @param own - of one that nobody else uses at that time.
 */
type Call = (mutex: GcsMutex, ground: Ground, own: GcsMutex) => Promise<unknown>;

/** Every way to use a lock, and every way in which that can end. */
const CALLS: Readonly<Record<string, Call>> = {
  async acquireAndRelease(mutex, { signal }) {
    const lease = await mutex.acquire({ signal });
    await lease.refresh({ signal });
    await lease.release({ signal });
  },
  run: (mutex, { signal }) => mutex.run(() => undefined, { signal }),
  async disposed(mutex, { signal }) {
    await using lease = await mutex.acquire({ signal });
    lease.throwIfLost();
  },
  tryRun: (mutex, { signal }) => mutex.tryRun(() => undefined, { signal }),
  async failedWork(mutex, { signal }) {
    const failure = new Error('the work failed');
    const error: unknown = await mutex.run(() => Promise.reject(failure), { signal }).catch(same);
    if (error !== failure) throw error;
  },
  async failedTry(_mutex, ground) {
    if ((await held(ground).tryAcquire({ signal: ground.signal })) !== undefined) throw grantedInVain();
  },
  abortedWait: (_mutex, ground) => aborted(ground, 20),
  abortedAtOnce: (_mutex, ground) => aborted(ground, 0),
  timedOutWait: (_mutex, ground) =>
    failsWith('ERR_ACQUIRE_TIMEOUT', () => held(ground).acquire({ timeoutMs: 20, signal: ground.signal })),
  async lost(_mutex, { signal }, own) {
    const lease = await own.acquire({ signal });
    await own.breakLock({ signal });
    await failsWith('ERR_LEASE_LOST', () => lease.refresh({ signal }));
    await lease.release({ signal });
  },
  status: (_mutex, ground) => held(ground).status({ signal: ground.signal }),
  noBucket: (_mutex, { options, signal }) =>
    failsWith('ERR_BUCKET_NOT_FOUND', () =>
      new GcsMutex('no-such-bucket', 'one', options).acquire({ signal }),
    ),
};

const held = ({ bucket, heldName, options }: Ground): GcsMutex => new GcsMutex(bucket, heldName, options);
const same = (error: unknown): unknown => error;
const grantedInVain = (): Error => new Error('a lock that is held was granted');

async function failsWith(code: string, call: () => Promise<unknown>): Promise<void> {
  const error = await call().then(grantedInVain, same);
  if (!(error instanceof GcsMutexError) || error.code !== code) throw error;
}

async function aborted(ground: Ground, afterMs: number): Promise<void> {
  const controller = new AbortController();
  const waiting = held(ground).acquire({ signal: controller.signal }).then(grantedInVain, same);
  if (afterMs > 0) await pause(afterMs);
  controller.abort(new Error('the caller changed its mind'));
  const error = await waiting;
  if (error !== controller.signal.reason) throw error;
}

/** Calls without a pause, a few at a time, in turn. */
export class Churn {
  /** How many calls have ended. */
  callCount = 0;
  readonly #ground: Ground;
  readonly #onTrouble: (what: string) => void;
  #isResting = true;
  #next = 0;
  #callers: Promise<unknown> = Promise.resolve();

  /** @param onTrouble - told of a call that did not end as it must. */
  constructor(ground: Ground, onTrouble: (what: string) => void) {
    this.#ground = ground;
    this.#onTrouble = onTrouble;
  }

  start(): void {
    this.#isResting = false;
    this.#callers = Promise.all(Array.from({ length: CALLER_COUNT }, (_, caller) => this.#call(caller)));
  }

  /** Resolves when no call is under way. */
  async stop(): Promise<void> {
    this.#isResting = true;
    await this.#callers;
  }

  async #call(caller: number): Promise<void> {
    const entries = Object.entries(CALLS);
    const { bucket, options } = this.#ground;
    const own = new GcsMutex(bucket, `own/${caller}`, options);
    while (!this.#isResting) {
      const index = this.#next++;
      const [name, call] = entries[index % entries.length] ?? ['none', () => Promise.resolve()];
      const mutex = new GcsMutex(bucket, `churn/${Math.floor(index / 2) % LOCK_COUNT}`, options);
      await call(mutex, this.#ground, own).catch((error: unknown) => {
        // The emulator loses requests and answers: what never waits may have to say so.
        if (!(error instanceof StoreUnavailableError)) this.#onTrouble(`${name}: ${String(error)}`);
      });
      this.callCount += 1;
    }
  }
}
