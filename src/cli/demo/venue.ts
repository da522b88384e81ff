import { startEmulator } from '../../../emulator/index.ts';
import { GcsMutex, GcsMutexError } from '../../index.ts';
import { CannotBegin } from './args.ts';
import { type Ask, describeShortfall, findShortfall, isDeleteUnguarded } from './guards.ts';

/** Where a run is played. */
export interface Venue {
  readonly kind: 'embedded' | 'external' | 'google';
  readonly bucket: string;
  /** For people: which server it is. */
  readonly label: string;
  /** Only for the embedded emulator, which no environment variable names. */
  readonly apiEndpoint?: string;
  /** What this server does not check, for people. */
  readonly notes: readonly string[];
  readonly refusesLateRelease: boolean;
  readonly close: () => Promise<void>;
}

const DEFAULT_BUCKET = 'gcs-mutex-demo';
const REQUEST_TIMEOUT_MS = 5_000;

/**
 * Picks the server: the emulator that the environment names, Google where only a bucket is given, else the
 * embedded emulator.
 *
 * @param lockName - a name that nobody else uses; what is tried out is tried out beside it.
 * @throws CannotBegin where the server is not there.
 */
export async function openVenue(bucketName: string | undefined, lockName: string): Promise<Venue> {
  const host = process.env['STORAGE_EMULATOR_HOST'] ?? '';
  if (host !== '') return openExternal(host, bucketName ?? DEFAULT_BUCKET, lockName);
  if (bucketName !== undefined) {
    const label = 'Google Cloud Storage';
    return { kind: 'google', bucket: bucketName, label, notes: [], refusesLateRelease: true, close: nothing };
  }
  const emulator = await startEmulator({ buckets: [DEFAULT_BUCKET] });
  return {
    kind: 'embedded',
    bucket: DEFAULT_BUCKET,
    label: `the embedded emulator, ${emulator.url}`,
    apiEndpoint: emulator.url,
    notes: [],
    refusesLateRelease: true,
    close: emulator.close,
  };
}

/**
 * Acquires, and releases, a lock beside the demo's own, so that whatever is wrong with the server, the bucket
 * or the credentials is said once, before any process is started.
 *
 * @throws CannotBegin with what to do.
 */
export async function tryOut(venue: Venue, lockName: string): Promise<void> {
  try {
    const endpoint = venue.apiEndpoint === undefined ? {} : { apiEndpoint: venue.apiEndpoint };
    const options = { ...endpoint, requestTimeoutMs: REQUEST_TIMEOUT_MS };
    const lease = await new GcsMutex(venue.bucket, `${lockName}.try`, options).tryAcquire();
    await lease?.release();
  } catch (error) {
    const isExpected =
      error instanceof GcsMutexError || error instanceof TypeError || error instanceof RangeError;
    throw isExpected ? new CannotBegin(error.message) : error;
  }
}

async function openExternal(host: string, bucket: string, lockName: string): Promise<Venue> {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(host);
  const origin = (hasScheme ? host : `http://${host}`).replace(/\/+(storage\/v1\/*)?$/, '');
  if (!URL.canParse(origin))
    throw new CannotBegin(`STORAGE_EMULATOR_HOST must be a URL or host:port, got ${host}`);
  const ask = askAt(origin);
  await makeBucket(ask, bucket);
  const shortfall = await findShortfall(ask, bucket, `${lockName}.probe`);
  const label = `the server at ${origin} (STORAGE_EMULATOR_HOST)`;
  return {
    kind: 'external',
    bucket,
    label,
    notes: describeShortfall(shortfall),
    refusesLateRelease: !isDeleteUnguarded(shortfall),
    close: nothing,
  };
}

async function makeBucket(ask: Ask, bucket: string): Promise<void> {
  const known = await ask('GET', `/storage/v1/b/${bucket}`);
  if (known.status === 200) return;
  const made = await ask('POST', '/storage/v1/b?project=demo', JSON.stringify({ name: bucket }));
  // 409: somebody else was quicker.
  if (made.status === 200 || made.status === 409) return;
  throw new CannotBegin(
    `the server would not make the bucket ${bucket} (HTTP ${made.status}); make it, or name another`,
  );
}

function askAt(origin: string): Ask {
  return async (method, path, body) => {
    const type = path.startsWith('/upload') ? 'text/plain' : 'application/json';
    const content = body === undefined ? {} : { body, headers: { 'content-type': type } };
    try {
      const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      const answer = await fetch(`${origin}${path}`, { method, signal, ...content });
      return { status: answer.status, body: await answer.text() };
    } catch {
      throw new CannotBegin(
        `no answer from ${origin}: start that server, or unset STORAGE_EMULATOR_HOST to play on the embedded one`,
      );
    }
  };
}

async function nothing(): Promise<void> {
  // A server that others started is others' to stop.
}
