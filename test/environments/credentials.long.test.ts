import { describe, expect, inject, it } from 'vitest';
import { BUCKET, Google } from './google.ts';
import { Job, NAME } from './job.ts';
import { KINDS, type Kind } from './kinds.ts';

// What a process finds in its environment, from the file or the metadata server down to the store, with nothing
// replaced but who answers at Google's addresses.

/** The google-auth-library that the processes load, by the project of vitest.config.ts. */
const AUTH_PACKAGE = inject('authPackage') ?? 'google-auth-library';

/** Short enough for a deadline to be waited for; refreshed so soon that a busy machine has most of that for it. */
const SHORT = { ttlMs: 12_000, refreshIntervalMs: 1_000 };

/** Short enough to be waited for, and long enough for the request for a token to arrive. */
const REQUEST_TIMEOUT_MS = 2_000;

async function withJob(kind: Kind, play: (google: Google, job: Job) => Promise<void>): Promise<void> {
  await using google = await Google.start();
  await using job = await Job.start(google, kind, AUTH_PACKAGE);
  await play(google, job);
  expect(
    google.asked.map(({ complaint }) => complaint).filter(Boolean),
    'every token was asked for in order',
  ).toEqual([]);
  expect(job.output, 'nothing is printed').toBe('');
}

const stateOf = (google: Google): unknown => google.emulator.object(BUCKET, NAME)?.metadata?.['state'];

/** The tokens that the store saw with each request, without repetition. */
function tokensSeen(google: Google): string[] {
  const seen = google.emulator.requests.all().map(({ headers }) => headers['authorization'] ?? 'none');
  return seen.filter((token, index) => token !== seen[index - 1]);
}

describe.each(KINDS)('$name', (kind) => {
  it.concurrent('gives a token once, and a new one when it expires during a hold, which goes on', () =>
    withJob(kind, async (google, job) => {
      expect(await job.order({ do: 'acquire' })).toMatchObject({ result: 'granted', message: '' });
      expect(google.asked.map(({ endpoint }) => endpoint)).toEqual(kind.asks);
      const leaseId = google.emulator.object(BUCKET, NAME)?.metadata?.['lease-id'];
      google.expireTokens();
      expect(await job.order({ do: 'refresh' })).toMatchObject({ result: 'held: true', message: '' });
      expect(google.asked.map(({ endpoint }) => endpoint)).toEqual([...kind.asks, ...kind.renews]);
      expect(google.emulator.object(BUCKET, NAME)?.metadata?.['lease-id']).toBe(leaseId);
      expect(await job.order({ do: 'release' })).toMatchObject({ result: 'released: true', message: '' });
      expect(stateOf(google)).toBeUndefined();
      expect(tokensSeen(google)).toHaveLength(2);
      expect(tokensSeen(google).every((token) => token.startsWith(`Bearer ${kind.endpoint}-token-`))).toBe(
        true,
      );
    }));

  it.concurrent('that is refused fails a call at once, without a storm, and nothing reaches the store', () =>
    withJob(kind, async (google, job) => {
      google.tokens.behave(kind.endpoint, kind.refusal);
      for (const call of ['acquire', 'tryAcquire', 'status', 'break'] as const) {
        const report = await job.order({ do: call });
        expect(report).toMatchObject({ result: 'ERR_UNAUTHENTICATED' });
        expect(report.message).not.toMatch(/a secret|a refresh token|a subject token|PRIVATE KEY/);
      }
      expect(google.tokens.count(kind.endpoint)).toBe(4 * (kind.asksPerRefusal ?? 1));
      expect(google.emulator.requests.count).toBe(0);
    }));

  it.concurrent('that is refused while a lease is held is asked for until its deadline, with pauses', () =>
    withJob(kind, async (google, job) => {
      expect(await job.order({ do: 'acquire', ...SHORT })).toMatchObject({
        result: 'granted',
        message: '',
      });
      const before = google.tokens.count(kind.endpoint);
      google.tokens.behave(kind.endpoint, kind.refusal);
      google.expireTokens();
      expect(await job.order({ do: 'hold-on' })).toMatchObject({ result: 'lost: expired' });
      const askedCount = google.tokens.count(kind.endpoint) - before;
      expect(askedCount).toBeGreaterThan(0);
      // Some kinds ask twice for one token. Without pauses there would be hundreds.
      expect(askedCount).toBeLessThan(30);
      expect(stateOf(google)).toBe('held');
    }));

  it.concurrent('that comes after the request was given up sends nothing', () =>
    withJob(kind, async (google, job) => {
      // A first token, so that the process has loaded what it needs, and the time limit is that of the request alone.
      expect(await job.order({ do: 'status' })).toMatchObject({ result: 'free' });
      google.expireTokens();
      google.tokens.behave(kind.endpoint, 'hang');
      const trying = job.order({ do: 'tryAcquire', requestTimeoutMs: REQUEST_TIMEOUT_MS });
      // A process that gets no time may give up before it has asked.
      await Promise.race([google.tokens.hung(), trying]);
      // While its token hangs.
      expect(await trying).toMatchObject({ result: 'ERR_STORE_UNAVAILABLE' });
      google.tokens.behave(kind.endpoint, 'give');
      google.tokens.letGo();
      // With a token again; whatever the late one would have sent has been sent by then.
      expect(await job.order({ do: 'status' })).toMatchObject({ result: 'free' });
      const created = google.emulator.requests.mutations().filter(({ applied }) => applied === 200);
      expect(created).toEqual([]);
      expect(stateOf(google)).toBeUndefined();
    }));
});
