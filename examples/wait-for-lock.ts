/**
 * Waiting for a lock, holding it for a block, and telling errors apart by their code.
 *
 * Try it against the embedded emulator:
 *
 *     npm run emulator -- --bucket my-bucket        # in another terminal
 *     STORAGE_EMULATOR_HOST=http://127.0.0.1:4443 node dist/examples/wait-for-lock.js
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type AnyGcsMutexError, GcsMutex, GcsMutexError, type Lease } from '../src/index.ts'; // in your own program: from 'gcs-mutex'

const mutex = new GcsMutex(process.env['LOCK_BUCKET'] ?? 'my-bucket', 'locks/migration', {
  holder: 'the example',
  metadata: { ticket: '4711' },
});

const isLockError = (error: unknown): error is AnyGcsMutexError => error instanceof GcsMutexError;

async function migrate(lease: Lease): Promise<void> {
  console.log(`migrating, good for ${Math.round(lease.remainingMs)} ms even without a refresh`);
  await pause(3_000, undefined, { signal: lease.signal });
}

/** Waits for the lock, at most for `timeoutMs`, and says how that ended. */
async function migrateWhenFree(timeoutMs: number): Promise<void> {
  try {
    // The lock is released at the end of this block, however it ends. That never throws: a release that could
    // not be confirmed goes to the option `onReleaseError`, and the ttl ends the lock.
    await using lease = await mutex.acquire({ timeoutMs });
    await migrate(lease);
    console.log('migrated');
  } catch (error) {
    if (!isLockError(error)) throw error;
    switch (error.code) {
      case 'ERR_ACQUIRE_TIMEOUT':
        // Everything that is known of the holder is in `error.holder`; `error.cause` is there where the store did not answer.
        console.log(
          `no luck after ${Math.round(error.waitedMs)} ms: ${error.holder?.holder ?? 'nobody knows who'} has it`,
        );
        break;
      case 'ERR_STORE_UNAVAILABLE':
      case 'ERR_PERMISSION_DENIED':
      case 'ERR_BUCKET_NOT_FOUND':
        // The message says what to do.
        console.error(error.message);
        process.exitCode = 1;
        break;
      default:
        throw error;
    }
  }
}

const first = migrateWhenFree(10_000);
await pause(500);
// Somebody who looks at the lock from outside: one read.
const status = await mutex.status();
console.log(
  `held by ${status?.holder} since ${status?.since.toISOString()}, ticket ${status?.metadata['ticket']}`,
);
await migrateWhenFree(1_000);
await migrateWhenFree(20_000);
await first;
