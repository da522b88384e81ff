/**
 * A lock beside the official client: a `Bucket` of `@google-cloud/storage` (7 or 8) says where the lock is and
 * with whose credentials, and the lock guards a file that is read, changed and written back.
 *
 * Try it against the embedded emulator, several times, or twice at once:
 *
 *     npm run emulator -- --bucket my-bucket        # in another terminal
 *     STORAGE_ENDPOINT=http://127.0.0.1:4443 node dist/examples/with-storage-bucket.js
 *
 * STORAGE_ENDPOINT is this example's own. The official client reads STORAGE_EMULATOR_HOST too, but then leaves
 * `/storage/v1` out of its paths; with its option `apiEndpoint` it does not. Leave it unset for a real bucket.
 */
import { type Bucket, Storage } from '@google-cloud/storage';
import { GcsMutex } from '../src/index.ts'; // in your own program: from 'gcs-mutex'

const FILE = 'reports/count.txt';

async function readCount(bucket: Bucket): Promise<number> {
  const [exists] = await bucket.file(FILE).exists();
  if (!exists) return 0;
  const [content] = await bucket.file(FILE).download();
  return Number(content.toString());
}

const apiEndpoint = process.env['STORAGE_ENDPOINT'];
const storage = new Storage(apiEndpoint === undefined ? {} : { apiEndpoint, projectId: 'any' });
const bucket = storage.bucket(process.env['LOCK_BUCKET'] ?? 'my-bucket');
const mutex = new GcsMutex(bucket, 'locks/count');

const count = await mutex.run(
  async (lease) => {
    const next = (await readCount(bucket)) + 1;
    lease.throwIfLost();
    await bucket.file(FILE).save(String(next), { resumable: false });
    return next;
  },
  { timeoutMs: 30_000 },
);
console.log(`counted to ${count}`);
