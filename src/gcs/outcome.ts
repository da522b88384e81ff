import type { DeleteOutcome, Failure, ReadOutcome, SeenObject, WriteOutcome } from '../protocol/outcome.ts';
import type { Codec } from '../protocol/codec.ts';
import type { LockRecord } from '../protocol/record.ts';
import { type Version, isVersionNumber } from '../protocol/version.ts';
import { type Verdict, failureOf, judgeAnswer } from './failures.ts';
import { ownValue, parseJson } from './google-error.ts';
import { parseHttpDate, parseRfc3339 } from './times.ts';
import type { TransportAnswer } from './transport.ts';

/** Which write was sent, and what its answer must therefore echo. */
export type SentWrite<Body = LockRecord> =
  | { readonly call: 'create'; readonly record: Body }
  | { readonly call: 'patch' | 'overwrite'; readonly record: Body; readonly expected: Version };

/** What became of a create, a patch or an overwrite. */
export function writeOutcome<Body>(
  sent: SentWrite<Body>,
  verdict: TransportAnswer | Verdict,
  codec: Codec<Body>,
): WriteOutcome {
  if ('kind' in verdict) return unsuccessfulWrite(sent.call, verdict);
  if (verdict.status !== 200) return unsuccessfulWrite(sent.call, judgeAnswer(verdict));
  const version = echoedVersion(sent, verdict.body, codec);
  if (version !== undefined) return { kind: 'applied', version };
  return { kind: 'unknown', failure: nonsense(verdict, 'which does not show what was written') };
}

/**
 * What became of a delete. Google answers 204; fake-gcs-server answers 200 with `null`. A page of somebody
 * else's under status 200 proves nothing.
 */
export function deleteOutcome(verdict: TransportAnswer | Verdict): DeleteOutcome {
  if ('kind' in verdict) return unsuccessfulWrite('delete', verdict);
  if (verdict.status === 204) return { kind: 'applied' };
  if (verdict.status !== 200) return unsuccessfulWrite('delete', judgeAnswer(verdict));
  if (/^\s*(null)?\s*$/.test(verdict.body)) return { kind: 'applied' };
  return { kind: 'unknown', failure: nonsense(verdict, 'though a delete has no answer of its own') };
}

/** What a read showed. */
export function readOutcome<Body>(verdict: TransportAnswer | Verdict, codec: Codec<Body>): ReadOutcome<Body> {
  const outcome = describedOutcome(verdict);
  return outcome.kind === 'found' ? { kind: 'found', object: seenAs(outcome.object, codec) } : outcome;
}

/** What a read showed of an object, whatever it is. */
export type DescribedOutcome =
  | Exclude<ReadOutcome, { kind: 'found' }>
  | { readonly kind: 'found'; readonly object: DescribedObject };

/** The same, of an object whatever it is. Only the store's own 404 says "absent". */
export function describedOutcome(verdict: TransportAnswer | Verdict): DescribedOutcome {
  if ('kind' in verdict) return unsuccessfulRead(verdict);
  if (verdict.status !== 200) return unsuccessfulRead(judgeAnswer(verdict));
  const object = describedObject(parseJson(verdict.body), verdict.headers.get('date'));
  if (object !== undefined) return { kind: 'found', object };
  return { kind: 'unreadable', failure: nonsense(verdict, 'which is not an object') };
}

/**
 * What an answer is worth that names another object than the one that was asked about: whoever mixed the two
 * up, it says nothing of ours.
 */
export function strangersAnswer(answer: TransportAnswer, name: string): Verdict | undefined {
  if (answer.status !== 200) return undefined;
  const named = ownValue(parseJson(answer.body), 'name');
  if (named === undefined || named === name) return undefined;
  return { kind: 'unknown', failure: nonsense(answer, 'about another object') };
}

function unsuccessfulWrite(
  call: SentWrite['call'] | 'delete',
  verdict: Verdict,
): Exclude<WriteOutcome, { kind: 'applied' }> {
  switch (verdict.kind) {
    case 'condition-not-met':
      return { kind: 'refused' };
    case 'not-found': {
      // A create and an overwrite need the bucket only; the guarded others need the very object.
      const isBucket = call === 'create' || (call === 'overwrite' && verdict.saysBucket);
      return isBucket ? { kind: 'failed', failure: verdict.failure } : { kind: 'refused' };
    }
    case 'not-applied':
    case 'unknown':
    case 'failed':
      return verdict;
    default:
      return verdict satisfies never;
  }
}

export function unsuccessfulRead(verdict: Verdict): Exclude<ReadOutcome, { kind: 'found' }> {
  switch (verdict.kind) {
    case 'not-found':
      return verdict.saysBucket ? { kind: 'failed', failure: verdict.failure } : { kind: 'absent' };
    case 'condition-not-met': {
      // A read carries no precondition.
      const detail = 'The store answered a read with 412.';
      return { kind: 'unreadable', failure: { kind: 'unavailable', status: 412, detail } };
    }
    case 'not-applied':
    case 'unknown':
      return { kind: 'unreadable', failure: verdict.failure };
    case 'failed':
      return verdict;
    default:
      return verdict satisfies never;
  }
}

/**
 * The version that an answer to a write gives, if it shows that very write: for a lock our lease id, our refresh
 * count and our state, for a patch in the generation that was patched, for an overwrite in another.
 */
function echoedVersion<Body>(sent: SentWrite<Body>, body: string, codec: Codec<Body>): Version | undefined {
  const json = parseJson(body);
  const version = versionOf(json);
  const content = codec.decode(ownValue(json, 'metadata'));
  if (version === undefined || content.kind !== 'record') return undefined;
  const isThere =
    sent.call === 'create' || (version.generation === sent.expected.generation) === (sent.call === 'patch');
  return codec.isEcho(sent.record, content.record) && isThere ? version : undefined;
}

/** A live object as one answer describes it, whatever it is. */
export interface DescribedObject extends Omit<SeenObject<never>, 'content'> {
  /** Its custom metadata; came from the server, and may be anything. */
  readonly metadata: unknown;
}

/** The same, as an object of a certain kind. */
export function seenAs<Body>({ metadata, ...seen }: DescribedObject, codec: Codec<Body>): SeenObject<Body> {
  return { ...seen, content: codec.decode(metadata) };
}

/** A live object as one answer describes it, or undefined where the description is none. */
export function describedObject(json: unknown, date: string | null): DescribedObject | undefined {
  const version = versionOf(json);
  const updatedAt = parseRfc3339(ownValue(json, 'updated'));
  const createdAt = parseRfc3339(ownValue(json, 'timeCreated'));
  if (version === undefined || updatedAt === undefined || createdAt === undefined) return undefined;
  const serverTime = parseHttpDate(date);
  const size = sizeOf(ownValue(json, 'size'));
  const contentType = contentTypeOf(ownValue(json, 'contentType'));
  return {
    version,
    metadata: ownValue(json, 'metadata'),
    updatedAt,
    createdAt,
    ...(serverTime === undefined ? {} : { serverTime }),
    ...(size === undefined ? {} : { size }),
    ...(contentType === undefined ? {} : { contentType }),
  };
}

function versionOf(json: unknown): Version | undefined {
  const generation = ownValue(json, 'generation');
  const metageneration = ownValue(json, 'metageneration');
  return isVersionNumber(generation) && isVersionNumber(metageneration)
    ? { generation, metageneration }
    : undefined;
}

function sizeOf(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function contentTypeOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\u0020-\u007e]{1,255}$/.test(value) ? value : undefined;
}

export function nonsense(answer: TransportAnswer, which: string): Failure {
  return failureOf('unavailable', answer, undefined, `The store answered something, ${which}`);
}
