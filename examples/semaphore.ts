/**
 * So many at once: twelve reports are made, and at any moment no more than three of them, however many processes of
 * this program run. Start it in two terminals and watch them share the three permits.
 *
 * Against the embedded emulator:
 *
 *     npm run emulator -- --bucket my-bucket
 *     STORAGE_EMULATOR_HOST=http://127.0.0.1:4443 node dist/examples/semaphore.js
 *
 * Or on a bucket of your own: `LOCK_BUCKET=my-bucket node dist/examples/semaphore.js`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { GcsSemaphore, PermitsMismatchError } from '../src/index.ts'; // in your own program: from 'gcs-mutex'

const PERMITS = 3;
const REPORTS = 12;

const semaphore = new GcsSemaphore(process.env['LOCK_BUCKET'] ?? 'my-bucket', 'limits/three-reports', {
  permits: PERMITS,
});

async function makeReport(number: number): Promise<void> {
  // Waits for a permit, runs, gives it back; `signal` aborts should the permit be lost on the way.
  await semaphore.run(
    async ({ signal, slots }) => {
      console.log(`report ${number} begins on ${slots.join()}`);
      await pause(1_000, undefined, { signal });
      console.log(`report ${number} is done`);
    },
    { timeoutMs: 120_000 },
  );
}

try {
  await Promise.all(Array.from({ length: REPORTS }, (_, index) => makeReport(index + 1)));
  const { permits, held, available } = await semaphore.status();
  console.log(`${held} of ${permits} permits are held, ${available} available`);
} catch (error) {
  if (!(error instanceof PermitsMismatchError)) throw error;
  // Somebody has changed the number: `setPermits` is how, and who leaves the number out takes what is stored.
  console.error(error.message);
  process.exitCode = 1;
}
