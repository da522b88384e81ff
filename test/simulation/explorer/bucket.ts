import { decodeRecord, encodeRecord, type LockRecord } from '../../../src/protocol/record.ts';
import type { Millis } from '../../../src/protocol/timing.ts';
import type { Outcome, Request } from './request.ts';
import type { Stored } from './world.ts';

/** What a request did: the object from then on, and the answer. */
export interface Executed {
  readonly object: Stored | undefined;
  readonly answer: Outcome;
  readonly isApplied: boolean;
}

/**
 * Carries a request out on the one object of the bucket. A guard that a request does not carry is not looked at,
 * so that a missing one has the consequences that it has in life.
 *
 * @param dateSkewMs - how far the clock behind `Date` is ahead of the one behind `updated`.
 */
export function execute(
  object: Stored | undefined,
  request: Request,
  nowMs: Millis,
  dateSkewMs: Millis,
): Executed {
  if (request.method === 'get')
    return { object, answer: shown(object, nowMs + dateSkewMs), isApplied: false };
  if (!isMatch(object, request)) return { object, answer: { kind: 'refused' }, isApplied: false };
  if (request.method === 'delete') return { object: undefined, answer: { kind: 'applied' }, isApplied: true };
  const { record } = request;
  if (record === undefined) throw new Error('a write without a record');
  if (request.method === 'patch' && object === undefined) {
    return { object, answer: { kind: 'refused' }, isApplied: false };
  }
  const next =
    request.method === 'patch' && object !== undefined
      ? patched(object, record, nowMs)
      : inserted(request, record, nowMs);
  return { object: next, answer: { kind: 'applied', version: next.version }, isApplied: true };
}

/** Whether a request can never do anything any more, whatever happens: generations do not come back. */
export function isDead(object: Stored | undefined, request: Request): boolean {
  if (request.method === 'get') return true;
  const { ifGenerationMatch, ifMetagenerationMatch } = request;
  if (ifGenerationMatch === undefined || ifGenerationMatch === '0') return false;
  if (object?.version.generation !== ifGenerationMatch) return true;
  // Within a generation the metageneration only rises, and the one that a request names was seen.
  return ifMetagenerationMatch !== undefined && ifMetagenerationMatch !== object.version.metageneration;
}

/** Somebody who knows nothing of locks edits a key of their own. */
export function editedByStranger(object: Stored, nowMs: Millis): Stored {
  return { ...object, version: moved(object), updatedAt: nowMs };
}

function isMatch(object: Stored | undefined, request: Request): boolean {
  const { ifGenerationMatch, ifMetagenerationMatch } = request;
  if (ifGenerationMatch !== undefined && ifGenerationMatch !== (object?.version.generation ?? '0'))
    return false;
  return ifMetagenerationMatch === undefined || ifMetagenerationMatch === object?.version.metageneration;
}

function shown(object: Stored | undefined, dateMs: Millis): Outcome {
  if (object === undefined) return { kind: 'absent' };
  return { kind: 'found', object: { ...object, serverTime: Math.floor(dateMs / 1000) * 1000 } };
}

/** A new generation, named after the write that makes it: unique, and the same whatever happened elsewhere. */
function inserted(request: Request, record: LockRecord, nowMs: Millis): Stored {
  const lease = Number.parseInt(request.leaseId, 16);
  const generation = String((lease * 64 + request.request) * 2 + request.copy);
  return {
    version: { generation, metageneration: '1' },
    content: decodeRecord(encodeRecord(record)),
    createdAt: nowMs,
    writtenAt: nowMs,
    updatedAt: nowMs,
  };
}

function patched(object: Stored, record: LockRecord, nowMs: Millis): Stored {
  const before = object.content.kind === 'record' ? encodeRecord(object.content.record) : {};
  const content = decodeRecord({ ...before, ...encodeRecord(record) });
  return { ...object, version: moved(object), content, updatedAt: nowMs, writtenAt: nowMs };
}

function moved({ version }: Stored): Stored['version'] {
  return { ...version, metageneration: String(Number(version.metageneration) + 1) };
}
