/**
 * One process says that something is done, others wait for it: here all in one program, on one event.
 *
 * Try it against the embedded emulator:
 *
 *     npm run emulator -- --bucket my-bucket        # in another terminal
 *     STORAGE_EMULATOR_HOST=http://127.0.0.1:4443 node dist/examples/wait-for-event.js
 */
import { setTimeout as pause } from 'node:timers/promises';
import { GcsLocks, WaitTimeoutError } from '../src/index.ts'; // in your own program: from 'gcs-mutex'

const locks = new GcsLocks(`gs://${process.env['LOCK_BUCKET'] ?? 'my-bucket'}/events`);
const imported = locks.event('imported');
await imported.clear();

/** A job that needs what another one imports. */
async function report(name: string): Promise<void> {
  const day = await imported.wait({ timeoutMs: 30_000 });
  console.log(`${name}: the import of ${day} is there`);
}

const reports = [report('sales'), report('stock')];
await pause(1_000);
console.log('importing is done');
await imported.set('2026-11-29');
await Promise.all(reports);
await report('late, but it ends at once');

const { since, setCount } = await imported.status();
console.log(`set ${setCount} times, the last time at ${since?.toISOString()}`);
await imported.clear();
try {
  await imported.wait({ timeoutMs: 2_000 });
} catch (error) {
  if (!(error instanceof WaitTimeoutError)) throw error;
  console.log(`cleared: nothing came within ${Math.round(error.waitedMs)} ms`);
}
