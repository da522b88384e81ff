import type { Failure } from '../../protocol/outcome.ts';

const TRY_AGAIN = 'check the network and the endpoint, then try again';

/** What to do about a failure. */
export function remedyFor(failure: Failure | undefined): string {
  if (failure === undefined) return TRY_AGAIN;
  switch (failure.kind) {
    case 'unauthenticated':
      return 'run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or attach a service account';
    case 'bucket-not-found':
      return 'create the bucket, or check its name';
    case 'retention':
      return 'use a bucket without retention policy and default event-based hold';
    case 'permission-denied':
      return 'grant roles/storage.objectUser on the bucket';
    case 'busy':
    case 'unavailable':
      return TRY_AGAIN;
    case 'rejected':
      return 'check endpoint, certificate and proxy';
    default:
      return failure.kind satisfies never;
  }
}
