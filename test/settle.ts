import type { ManualClock } from '../src/testing/index.ts';

/** Waits for an outcome on a clock that the test drives, while whatever time it needs passes. */
export async function settle<T>({ clock }: { readonly clock: ManualClock }, work: Promise<T>): Promise<T> {
  const settled = new AbortController();
  work.then(
    () => settled.abort(),
    () => settled.abort(),
  );
  await clock.advance(0);
  for (let step = 0; !settled.signal.aborted && step < 10_000; step += 1) {
    await clock.advance(Math.ceil(clock.untilNextTimerMs ?? 50));
  }
  return work;
}
