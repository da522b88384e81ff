import { createRequire } from 'node:module';
import { Storage, type StorageOptions } from '@google-cloud/storage';
import { UserRefreshClient } from 'google-auth-library';
import type { AuthLike, BucketLike } from '../../src/gcs/types.ts';
import { through } from './way.ts';
import { tokenUrl } from './tokens.ts';

/** What a mutex is made with to reach a store. */
export interface Access {
  /** The first argument of the constructor. */
  readonly bucket: string | BucketLike;
  /** What its options must say for it. */
  readonly options: { readonly apiEndpoint?: string; readonly auth?: AuthLike };
}

/** How a mutex reaches a store behind a port in the project's way. Each has a client, and a token, of its own. */
export function accessTo(url: string, bucket: string): Access {
  const { way } = through();
  switch (way) {
    case 'memory':
      return { bucket, options: { apiEndpoint: url } };
    case 'auth':
      return { bucket, options: { apiEndpoint: url, auth: userOf(UserRefreshClient) } };
    case 'bucket': {
      const { UserRefreshClient: User } = librariesOfStorage();
      const storage = new Storage({
        apiEndpoint: url,
        useAuthWithCustomEndpoint: true,
        projectId: 'a-project',
        // The client of the newer library that the newer storage client brings is of another type.
        authClient: userOf(User) as unknown as NonNullable<StorageOptions['authClient']>,
      });
      return { bucket: storage.bucket(bucket), options: {} };
    }
    default:
      return way satisfies never;
  }
}

/** The google-auth-library that the storage client itself uses: another one than this package's. */
function librariesOfStorage(): { readonly UserRefreshClient: typeof UserRefreshClient } {
  const require = createRequire(import.meta.url);
  return createRequire(require.resolve(through().storagePackage))('google-auth-library');
}

function userOf(User: typeof UserRefreshClient): UserRefreshClient {
  return new User({
    clientId: 'id',
    clientSecret: 'a secret',
    refreshToken: 'a refresh token',
    endpoints: { oauth2TokenUrl: tokenUrl() },
  });
}
