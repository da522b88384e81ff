import { ApiError, invalid, notImitated } from '../errors.ts';
import { parseContentRange } from '../validate/content-range.ts';
import { checkQuery } from '../validate/query.ts';
import { objectAnswer } from './object-answer.ts';
import { UPLOAD_PARAMETERS, putUpload } from './put-upload.ts';
import type { Answer, Call } from '../call.ts';
import type { StoredObject } from '../stored.ts';
import type { UploadSession } from '../uploads.ts';
import type { ContentRange } from '../validate/content-range.ts';

/** Every chunk but the last has to be a multiple of this ("Performing resumable uploads"). */
const CHUNK_UNIT_BYTES = 256 * 1024;

/** A session that was given up answers so, then and ever after (kmoneil/zig-gcp `fake_multipart.zig`, measured). */
export const CANCELLED: Answer = { kind: 'plain', status: 499, headers: {} };

/**
 * One request to the address of a resumable upload, by PUT or, as Go's client does, POST: bytes, the question how
 * many there are, or both. The object comes into being with its last byte.
 */
export function sendUpload(call: Call): Answer {
  const session = sessionOf(call);
  if (session.isCancelled) return CANCELLED;
  if (session.finished !== undefined) return finishedAnswer(call, session);
  const range = parseContentRange(call.headers.get('content-range'));
  if (range.kind === 'chunk') {
    const { first } = range;
    if (first > session.heldBytes) return gapAnswer(first, session.heldBytes);
    takeChunk(session, range, call.body);
  }
  if (!isComplete(session, range)) return progressAnswer(call, session);
  return objectAnswer(call, finish(call, session));
}

/** The upload that a request is about. */
export function sessionOf(call: Call): UploadSession {
  checkQuery(call.query, ['upload_id', ...UPLOAD_PARAMETERS]);
  const session = call.uploads.find(call.query.get('upload_id') ?? '');
  if (session === undefined || session.plan.bucket !== call.bucket) throw new ApiError(404, 'Not Found');
  return session;
}

type Chunk = Extract<ContentRange, { kind: 'chunk' }>;

/** Keeps the bytes that are new. Those that are there already stay as they are. */
function takeChunk(session: UploadSession, range: Chunk, body: Uint8Array): void {
  const { first, totalBytes } = range;
  const end = first + body.byteLength;
  if (range.last !== undefined && range.last + 1 !== end) {
    throw invalid(`The body has ${body.byteLength} bytes, which is not what its Content-Range says.`);
  }
  const { declaredBytes = totalBytes ?? end } = session.plan;
  if (end > declaredBytes || (totalBytes ?? declaredBytes) !== declaredBytes) {
    throw invalid('The upload has another length than was declared.');
  }
  const isLast = range.last === undefined || end === totalBytes;
  if (!isLast && body.byteLength % CHUNK_UNIT_BYTES !== 0) {
    throw notImitated('a chunk before the last whose size is no multiple of 256 KiB');
  }
  session.append(body.subarray(session.heldBytes - first));
}

/** A question that names the total ends the upload when all bytes are there (floci-io/floci-gcp#34, checked live). */
function isComplete(session: UploadSession, range: ContentRange): boolean {
  if (range.totalBytes !== undefined) return session.heldBytes === range.totalBytes;
  return range.kind === 'chunk' && range.last === undefined;
}

function finish(call: Call, session: UploadSession): StoredObject {
  const { plan } = session;
  call.countMutation(plan.name);
  const object = putUpload({ ...call, access: plan.access }, { ...plan, body: session.body() });
  session.finish(object.generation);
  return object;
}

/** A finished upload goes on answering with its object, while that object stands (same place as CANCELLED). */
function finishedAnswer(call: Call, session: UploadSession): Answer {
  const object = call.store.object(call.bucket, session.plan.name);
  if (object === undefined || object.generation !== session.finished) throw new ApiError(404, 'Not Found');
  return objectAnswer(call, object);
}

/**
 * How far the upload is: 308, and `Range` where there are any bytes. A client that says it cannot bear the 308 gets
 * 200 with the 308 in a header (Go's client asks for it, `internal/gensupport/resumable.go`).
 */
function progressAnswer(call: Call, { heldBytes }: UploadSession): Answer {
  const range = heldBytes === 0 ? {} : { range: `bytes=0-${heldBytes - 1}` };
  return call.headers.get('x-guploader-no-308') === 'yes'
    ? { kind: 'plain', status: 200, headers: { 'x-http-status-code-override': '308', ...range } }
    : { kind: 'plain', status: 308, headers: range };
}

/** Byte for byte what the service says (floci-io/floci-gcp `GcsResumableOffsetGapRawTest`, live). */
function gapAnswer(first: number, heldBytes: number): Answer {
  return {
    kind: 'plain',
    status: 503,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    text: `Invalid request.  According to the Content-Range header, the upload offset is ${first} byte(s), which exceeds already uploaded size of ${heldBytes} byte(s).`,
  };
}
