/** What users hand over from the Google packages, of whichever versions are installed. */
import { Storage } from '@google-cloud/storage';
import { GcsMutex } from 'gcs-mutex';

export function withBucket(): GcsMutex {
  const storage = new Storage({ projectId: 'p' });
  return new GcsMutex(storage.bucket('my-bucket', { userProject: 'billed' }), 'locks/a');
}

export function withItsCredentials(): GcsMutex {
  return new GcsMutex('my-bucket', 'locks/a', { auth: new Storage({ projectId: 'p' }).authClient });
}
