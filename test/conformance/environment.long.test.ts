import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { startTokenServer } from '../gcs/auth-tools.ts';
import type { TestServer } from '../gcs/servers.ts';
import { REPEATS } from './claims/repeats.ts';
import { environmentTarget } from './environment.ts';
import { librarySuite } from './library-suite.ts';
import { claimTests, conformanceSuite } from './suite.ts';
import type { Target } from './target.ts';

/** What the token server gives out: once for the plain requests, once for the library. */
const TOKENS = ['secret-token-1', 'secret-token-2'];

/** What `roles/storage.objectUser` brings of what the suites need. */
const PERMISSIONS = ['create', 'delete', 'get', 'list', 'update'].map((verb) => `storage.objects.${verb}`);

/** Objects of the bucket's owner, which nobody may touch. */
const THEIRS = ['locks/nightly', 'a/prefix/report', 'a/prefix/conformance-of-mine'];

/** The way to a bucket at Google, with the embedded emulator at its end: strict in tokens, and in one write a second. */
describe('a bucket that the environment names', () => {
  // Time passes when somebody sleeps, and in no other way.
  let time = Date.UTC(2030, 0, 1);
  const clock = {
    now: () => time,
    sleep: (ms: number) => {
      time += ms;
      return Promise.resolve();
    },
  };
  let folder: string;
  let tokens: TestServer;
  let server: EmulatorServer;
  let target: Target;
  let before: readonly unknown[];

  beforeAll(async () => {
    tokens = await startTokenServer({ issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' });
    folder = await mkdtemp(join(tmpdir(), 'gcs-mutex-'));
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', await writeCredentials(folder, `${tokens.origin}/token`));
    server = await startEmulator({
      buckets: ['theirs'],
      clock: clock.now,
      mutationsPerSecond: 1,
      tokens: new Map(TOKENS.map((token) => [token, { permissions: PERMISSIONS }])),
    });
    await Promise.all(THEIRS.map((name) => put(server, name)));
    server.requests.clear();
    before = server.objects('theirs');
    const found = environmentTarget(
      { CONFORMANCE_BUCKET: 'gs://theirs/a/prefix' },
      { googleOrigin: server.url, clock },
    );
    if (found === undefined) throw new Error('no target');
    target = found;
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await Promise.all([
      server.close(),
      tokens[Symbol.asyncDispose](),
      rm(folder, { recursive: true, force: true }),
    ]);
  });

  conformanceSuite({ isShared: true, hasCredentials: true }, () => target);
  librarySuite(undefined, () => target);

  describe('after all of these', () => {
    it('has had no write outside of fresh prefixes, and no call about buckets', () => {
      const own = /^a\/prefix\/conformance-[\da-f-]{36}\//;
      const strays = server.requests.all().filter(({ operation, bucket, object, query }) => {
        if (bucket.startsWith('gcs-mutex-missing-')) return false;
        const name = operation === 'objects.list' ? (query['prefix'] ?? '') : object;
        return bucket !== 'theirs' || !own.test(name);
      });
      expect(server.requests.count).toBeGreaterThan(500);
      expect(strays.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
    });

    it('holds what it held before, and nothing else', () => {
      expect(server.objects('theirs')).toEqual(before);
    });

    it('has had a write on an object once a second at most', () => {
      expect(server.requests.all().filter(({ status }) => status === 429)).toEqual([]);
    });

    it('was sent the credentials of the environment', () => {
      const sent = server.requests.all().map(({ headers }) => headers['authorization']);
      const wrong = 'nobody-knows-this';
      expect(new Set(sent)).toEqual(new Set([...TOKENS, wrong].map((token) => `Bearer ${token}`)));
    });
  });
});

describe('a bucket at an endpoint that the environment names', () => {
  let server: EmulatorServer;
  let target: Target | undefined;
  beforeAll(async () => {
    server = await startEmulator({ buckets: ['theirs'] });
    target = environmentTarget({ CONFORMANCE_BUCKET: 'gs://theirs', CONFORMANCE_ENDPOINT: server.url });
  });
  afterAll(() => server.close());

  claimTests(REPEATS, () => {
    if (target === undefined) throw new Error('no target');
    return target;
  });

  it('is sent no credentials, and is left empty', () => {
    expect(server.requests.count).toBeGreaterThan(20);
    expect(server.requests.all().filter(({ headers }) => 'authorization' in headers)).toEqual([]);
    expect(server.objects('theirs')).toEqual([]);
  });
});

describe('the environment', () => {
  it('may name no bucket', () => {
    expect(environmentTarget({})).toBeUndefined();
    expect(environmentTarget({ CONFORMANCE_BUCKET: '', CONFORMANCE_ENDPOINT: '' })).toBeUndefined();
  });

  it.each([
    { CONFORMANCE_BUCKET: 'my-bucket/prefix' },
    { CONFORMANCE_BUCKET: 'gs:///prefix' },
    { CONFORMANCE_ENDPOINT: 'http://127.0.0.1:4443' },
  ])('that names something else is an error: %j', (env) => {
    expect(() => environmentTarget(env)).toThrow('CONFORMANCE_BUCKET must be of the form gs://bucket');
  });
});

/** Credentials of a file, as workload identity federation has them, whose tokens come from a server of the test. */
async function writeCredentials(folder: string, tokenUrl: string): Promise<string> {
  const subject = join(folder, 'subject');
  const file = join(folder, 'credentials.json');
  await writeFile(subject, 'secret-subject');
  const credentials = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: tokenUrl,
    credential_source: { file: subject },
  };
  await writeFile(file, JSON.stringify(credentials));
  return file;
}

async function put(server: EmulatorServer, name: string): Promise<void> {
  const url = `${server.url}/upload/storage/v1/b/theirs/o?uploadType=media&name=${encodeURIComponent(name)}`;
  const headers = { authorization: `Bearer ${TOKENS[0]}`, 'content-type': 'text/plain' };
  const { status } = await fetch(url, { method: 'POST', headers, body: 'theirs' });
  if (status !== 200) throw new Error(`${name} was not made: ${status}`);
}
