import { setTimeout as pause } from 'node:timers/promises';
import type { Endpoint } from '../../gcs/endpoint.ts';
import { type Finding, fine, unfit, unknown } from './finding.ts';

const CHECK = 'credentials';
const REMEDY =
  'run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or attach a service account';

/** Who asks, as far as the credentials say. Never a token, or a part of one. */
export async function identityFinding(
  { sendsCredentials }: Pick<Endpoint, 'sendsCredentials'>,
  limitMs: number,
): Promise<Finding> {
  if (!sendsCredentials) return fine(CHECK, 'none are sent, since this is an emulator');
  const { GoogleAuth } = await import('google-auth-library');
  const auth = new GoogleAuth({ scopes: ['https://www.googleapis.com/auth/cloud-platform'] });
  try {
    const limit = new AbortController();
    const client = await Promise.race([
      auth.getClient(),
      pause(limitMs, undefined, { signal: limit.signal, ref: false }).catch(() => undefined),
    ]);
    limit.abort();
    if (client === undefined) return unknown(CHECK, 'the search for credentials took too long', REMEDY);
    const email = await emailOf(auth);
    const kind = client.constructor.name;
    return fine(
      CHECK,
      email === undefined ? `found (${kind}); they do not say whose they are` : `${email} (${kind})`,
    );
  } catch {
    return unfit(CHECK, 'none were found', REMEDY);
  }
}

async function emailOf(auth: {
  getCredentials(): Promise<{ client_email?: string }>;
}): Promise<string | undefined> {
  try {
    const { client_email: email } = await auth.getCredentials();
    return typeof email === 'string' && /^[\u0021-\u007e]{1,320}$/.test(email) ? email : undefined;
  } catch {
    return undefined;
  }
}
