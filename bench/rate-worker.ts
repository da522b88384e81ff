// One process that takes as much as it gets, and tells when it took each permit, by the clock that all processes of the
// machine share.
import { GcsRateLimiter } from '../src/index.ts';
import { systemClock } from '../src/platform/clock.ts';

/** What a worker is told. */
export interface Task {
  readonly url: string;
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
  readonly forMs: number;
}

/** What it says at its end, milliseconds of the machine's clock. */
export interface Told {
  /** When the limiter looked at the clock and handed a permit out. */
  readonly handedOutMs: readonly number[];
  /** When its caller went on: later, where the machine gave the processor to others in between. */
  readonly heardMs: readonly number[];
}

/** The machine's clock at the zero of this process's own. */
const originMs = Math.min(
  ...Array.from({ length: 20 }, () => Number(process.hrtime.bigint()) / 1e6 - performance.now()),
);

process.once('message', ({ url, name, limit, windowMs, forMs }: Task) => {
  void (async () => {
    let lookedMs = 0;
    const clock = {
      ...systemClock,
      now: () => {
        const at = systemClock.now();
        lookedMs = at.monotonicMs;
        return at;
      },
    };
    const options = { limit, windowMs, apiEndpoint: url };
    const limiter = new GcsRateLimiter('bench', name, options, { clock });
    const handedOutMs: number[] = [];
    const heardMs: number[] = [];
    const signal = AbortSignal.timeout(forMs);
    // One caller: the latest look at the clock is the one that served it.
    while (!signal.aborted) {
      await limiter.take(1, { signal, timeoutMs: Infinity }).then(
        () => {
          handedOutMs.push(originMs + lookedMs);
          heardMs.push(originMs + performance.now());
          return undefined;
        },
        () => undefined,
      );
    }
    await limiter.release();
    process.send?.({ handedOutMs, heardMs } satisfies Told, () => process.disconnect());
  })();
});
