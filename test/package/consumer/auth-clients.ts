/** Every kind of auth client that users hand over, of whichever version of google-auth-library is installed. */
import {
  type AuthClient,
  GoogleAuth,
  type IdentityPoolClient,
  Impersonated,
  JWT,
  OAuth2Client,
  PassThroughClient,
} from 'google-auth-library';
import { type AuthLike, GcsMutex } from 'gcs-mutex';

export async function withEveryClient(pool: IdentityPoolClient): Promise<readonly GcsMutex[]> {
  const google = new GoogleAuth({ scopes: ['https://www.googleapis.com/auth/cloud-platform'] });
  const found: AuthClient = await google.getClient();
  const clients: readonly AuthLike[] = [
    google,
    found,
    pool,
    new OAuth2Client(),
    new JWT({ email: 'job@project.iam.gserviceaccount.com', key: 'key' }),
    new Impersonated({ targetPrincipal: 'job@project.iam.gserviceaccount.com' }),
    new PassThroughClient(),
  ];
  return clients.map((auth) => new GcsMutex('my-bucket', 'locks/a', { auth }));
}
