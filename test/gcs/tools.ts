import { randomUUID } from 'node:crypto';
import type { Verdict } from '../../src/gcs/failures.ts';
import * as outcomes from '../../src/gcs/outcome.ts';
import type { ReadOutcome, WriteOutcome } from '../../src/protocol/outcome.ts';
import { encodeRecord, LOCK_CODEC, type LockRecord } from '../../src/protocol/record.ts';
import type { CallOptions, WriteOptions } from '../../src/gcs/store.ts';
import type { Transport, TransportAnswer, TransportRequest } from '../../src/gcs/transport.ts';

/** The lease id of {@link record}. */
export const LEASE_ID = '0123456789abcdef0123456789abcdef';

/** A lease id that is never ours. */
export const OTHER_ID = 'fedcba9876543210fedcba9876543210';

/** A held record, changed where the test says so. */
export function record(changes: Partial<LockRecord> = {}): LockRecord {
  return {
    state: 'held',
    leaseId: LEASE_ID,
    ttlMs: 60_000,
    refreshCount: 0,
    holder: 'a test',
    metadata: {},
    ...changes,
  };
}

/** The JSON of a live object, as the store answers with it. */
export function objectJson(
  shown: LockRecord = record(),
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    generation: '1700000000000001',
    metageneration: '1',
    metadata: encodeRecord(shown),
    updated: '2026-03-04T05:06:07.089Z',
    timeCreated: '2026-03-04T05:06:00.000Z',
    size: '70',
    contentType: 'text/plain; charset=utf-8',
    ...changes,
  };
}

/** An answer; what is not a string is sent as JSON. */
export function answer(
  status: number,
  body: unknown = '',
  headers: Record<string, string> = {},
): TransportAnswer {
  return {
    status,
    headers: { get: (name) => headers[name] ?? null },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** An error body of Google's JSON API. */
export function googleError(code: number, reason?: string, message = 'Some words.'): object {
  const errors = reason === undefined ? null : [{ domain: 'global', reason, message }];
  return { error: { code, message, errors } };
}

/** Options of a call that no time limit ends. */
export function unhurried(): CallOptions {
  return { signal: new AbortController().signal };
}

/** Options of a write, with a token of its own. */
export function writing(signal: AbortSignal = new AbortController().signal): WriteOptions {
  return { signal, idempotencyToken: randomUUID() };
}

/** A transport that records what it is asked, and answers what the test says. */
export function scripted(reply: TransportAnswer): { requests: TransportRequest[]; transport: Transport } {
  const requests: TransportRequest[] = [];
  return {
    requests,
    transport: (request) => {
      requests.push(request);
      return Promise.resolve(reply);
    },
  };
}

/** What an answer to a write of a lock record means. */
export function writeOutcome(sent: outcomes.SentWrite, verdict: TransportAnswer | Verdict): WriteOutcome {
  return outcomes.writeOutcome(sent, verdict, LOCK_CODEC);
}

/** What an answer to a read of a lock means. */
export function readOutcome(verdict: TransportAnswer | Verdict): ReadOutcome {
  return outcomes.readOutcome(verdict, LOCK_CODEC);
}
