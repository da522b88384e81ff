import { setTimeout as pause } from 'node:timers/promises';
import { GoogleAuth } from 'google-auth-library';
import { createGoogleTransport } from '../../src/gcs/auth.ts';
import { GOOGLE_ORIGIN, resolveEndpoint } from '../../src/gcs/endpoint.ts';
import { isGone, isSuccess } from './claims/tools.ts';
import { Objects } from './objects.ts';
import { type PaceClock, Pacer } from './pacing.ts';
import type { Place, Target } from './target.ts';
import { overHttp } from './targets.ts';

/** How to have the suites run on one's own bucket: a line for whoever has not. */
export const HOW_TO_NAME_A_BUCKET =
  'conformance: CONFORMANCE_BUCKET=gs://my-bucket/prefix has these tests run on a real bucket too (CONTRIBUTING.md)';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** What a test of this very way puts in the place of Google and of time. */
interface Stand {
  readonly googleOrigin?: string;
  readonly clock?: PaceClock;
}

const REAL_CLOCK: PaceClock = {
  now: () => performance.now(),
  sleep: async (ms) => {
    await pause(ms);
  },
};

/**
 * The bucket that the environment names, if it names one: `CONFORMANCE_BUCKET=gs://bucket/prefix`, at Google with the
 * application default credentials and no faster than it allows, or without credentials at `CONFORMANCE_ENDPOINT`.
 *
 * The bucket may be anybody's. Each test works behind a prefix of its own, which nobody can have used before, and
 * takes away what is behind it, by generation. No bucket is made, changed or deleted.
 */
export function environmentTarget(
  env: Readonly<Record<string, string | undefined>>,
  stand: Stand = {},
): Target | undefined {
  const { CONFORMANCE_BUCKET: url = '', CONFORMANCE_ENDPOINT: endpoint = '' } = env;
  if (url === '' && endpoint === '') return undefined;
  const [, bucket, prefix = ''] = /^gs:\/\/([^/]+)(?:\/(.*))?$/.exec(url) ?? [];
  if (bucket === undefined) {
    throw new Error(`CONFORMANCE_BUCKET must be of the form gs://bucket or gs://bucket/prefix, got "${url}"`);
  }
  const target = endpoint === '' ? atGoogle(stand) : overHttp(endpoint);
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  return {
    ...target,
    open: () => {
      const place = { bucket, prefix: `${folder}conformance-${crypto.randomUUID()}/` };
      return Promise.resolve({ ...place, close: () => clear(target, place) });
    },
  };
}

function atGoogle({ googleOrigin = GOOGLE_ORIGIN, clock = REAL_CLOCK }: Stand): Omit<Target, 'open'> {
  const pacer = new Pacer(clock);
  // With a project of its own the library does not look for one by running gcloud.
  const auth = new GoogleAuth({ scopes: [SCOPE], projectId: 'unused' });
  const endpoint = resolveEndpoint({ apiEndpoint: googleOrigin, hasAuth: true, env: {} });
  const transport = createGoogleTransport({ endpoint });
  return {
    origin: endpoint.origin,
    hasCredentials: true,
    send: (url, options = {}) =>
      pacer.run(options.method ?? 'GET', url, async () => {
        const credentials = Object.fromEntries(await auth.getRequestHeaders(url));
        return fetch(url, {
          ...options,
          redirect: 'manual',
          headers: { ...credentials, ...options.headers },
        });
      }),
    transport: (request, signal) => pacer.run(request.method, request.url, () => transport(request, signal)),
  };
}

/** Takes away all that is behind a prefix that this process has made up, each version by its generation. */
async function clear(target: Omit<Target, 'open'>, place: Place): Promise<void> {
  const objects = new Objects(target, place);
  const { items } = await objects.list('', { versions: 'true' });
  for (const { name = '', generation = '' } of items) {
    const answer = await objects.remove(objects.withoutPrefix(name), { generation });
    if (!isSuccess(answer) && !isGone(answer)) {
      throw new Error(`left behind: gs://${place.bucket}/${name}#${generation}: ${answer.text}`);
    }
  }
}
