import { Driver } from './driver.ts';
import { type Lock, releaseSettings } from './lock.ts';
import { settle, type SettleStep, startSettling } from './protocol/settle.ts';

/**
 * Clears away, in the background and for a bounded time, what a write of an acquisition that is over may yet
 * leave in the bucket. What it misses ends with its ttl, or at once if this process finds it again.
 */
export function settleInBackground(lock: Lock, leaseId: string, lastRequest: number): void {
  lock.memory.noteEnded(leaseId);
  const settings = releaseSettings(lock, lock.settings.requestTimeoutMs);
  const [state, step] = startSettling(leaseId, lastRequest, settings, lock.clock.now());
  type End = Extract<SettleStep, { kind: 'settled' }>;
  const driver = new Driver<typeof state, End>(lock, () => 'background', settle, state, {
    onEnd: () => cancelLimit(),
  });
  const cancelLimit = lock.clock.setTimer(lock.settings.requestTimeoutMs, 'background', () => {
    driver.dispatch({ kind: 'tick' });
    driver.stop();
  });
  driver.begin(step);
}
