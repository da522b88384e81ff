import { invalid, required } from '../errors.ts';
import { applyMetadata, readObjectChange } from '../validate/object-body.ts';
import { checkObjectName } from '../validate/object-name.ts';
import { checkQuery, preconditionsOf } from '../validate/query.ts';
import { bucketOf } from './object-answer.ts';
import { UPLOAD_PARAMETERS } from './put-upload.ts';
import type { Answer, Call } from '../call.ts';

/**
 * `objects.insert` as a resumable upload: takes what the object will be, and answers with the address for its bytes.
 *
 * The address repeats the parameters (fsouza/fake-gcs-server#1967). Preconditions are not looked at yet, only when
 * the last byte is there: with another generation live the service starts the upload and refuses the end
 * (googleapis/google-cloud-java#201; storage-testbench `gcs/upload.py`).
 */
export function startUpload(call: Call): Answer {
  checkQuery(call.query, UPLOAD_PARAMETERS);
  const preconditions = preconditionsOf(call.query);
  const text = Buffer.from(call.body).toString('utf8');
  const change = readObjectChange(text === '' ? '{}' : text, true);
  applyMetadata(undefined, change.metadata);
  const name = call.query.get('name') ?? change.name;
  if (name === undefined) throw required('name');
  checkObjectName(name);
  const { id } = call.uploads.start({
    bucket: bucketOf(call).name,
    name,
    change,
    contentType: call.headers.get('x-upload-content-type') ?? undefined,
    contentEncoding: call.query.get('contentEncoding') ?? undefined,
    preconditions,
    declaredBytes: declaredBytes(call.headers),
    access: call.access,
  });
  const location = new URL(`${call.origin}/upload/storage/v1/b/${encodeURIComponent(call.bucket)}/o`);
  for (const [key, value] of call.query) location.searchParams.set(key, value);
  location.searchParams.set('name', name);
  location.searchParams.set('upload_id', id);
  return { kind: 'plain', status: 200, headers: { location: location.href, 'x-guploader-uploadid': id } };
}

function declaredBytes(headers: Headers): number | undefined {
  const text = headers.get('x-upload-content-length');
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw invalid(`Invalid X-Upload-Content-Length header: '${text}'.`);
  return Number(text);
}
