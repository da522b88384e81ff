/**
 * A Cloud Run job that must not run twice at once, and that frees its lock in time when it is stopped.
 *
 * Try it against the embedded emulator:
 *
 *     npm run emulator -- --bucket my-bucket        # in another terminal
 *     STORAGE_EMULATOR_HOST=http://127.0.0.1:4443 node dist/examples/cloud-run-job.js
 *
 * Start it a second time while the first is at work: it says who is, and ends at once. Stop the first with
 * `kill -TERM` on the number that it prints: it frees the lock before it ends.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { GcsMutex } from '../src/index.ts'; // in your own program: from 'gcs-mutex'

// Cloud Run sends SIGTERM, and SIGKILL ten seconds later. A release is one request and tries for eight seconds
// at most, so work that stops at once leaves time enough for it.
const terminated = new AbortController();
process.once('SIGTERM', () => terminated.abort(new Error('stopped by SIGTERM')));

async function makeReport(signal: AbortSignal): Promise<string> {
  const pages: string[] = [];
  for (let page = 1; page <= 10; page += 1) {
    // Hand the signal on to whatever takes one: fetch, streams, database drivers, timers.
    await pause(1_000, undefined, { signal });
    pages.push(`page ${page}`);
  }
  return `${pages.length} pages`;
}

const mutex = new GcsMutex(process.env['LOCK_BUCKET'] ?? 'my-bucket', 'locks/nightly-report', {
  // A release that could not be confirmed fails nothing: the lock ends with its ttl then.
  onReleaseError: (error) => console.error(error.message),
});

try {
  const result = await mutex.tryRun(
    // The signal aborts when the lock is lost, and on SIGTERM too, since it is given to `tryRun` below.
    async (lease) => {
      console.log(`making the report (process ${process.pid})`);
      const report = await makeReport(lease.signal);
      // Right before the step that must not happen twice.
      lease.throwIfLost();
      return report;
    },
    { signal: terminated.signal },
  );
  // Not getting the lock is no failure here: the report is being made.
  console.log(result.ran ? `done: ${result.value}` : `already running: ${result.holder}`);
} catch (error) {
  if (!terminated.signal.aborted) throw error;
  console.log('stopped before the report was done');
  // Cloud Run counts the task as failed, and tries it again if it may.
  process.exitCode = 1;
}
