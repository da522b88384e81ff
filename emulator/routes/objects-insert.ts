import { invalidParameter, required } from '../errors.ts';
import { splitRelated } from '../multipart.ts';
import { readObjectChange } from '../validate/object-body.ts';
import { checkObjectName } from '../validate/object-name.ts';
import { checkQuery, preconditionsOf } from '../validate/query.ts';
import { objectAnswer } from './object-answer.ts';
import { UPLOAD_PARAMETERS, putUpload } from './put-upload.ts';
import type { Answer, Call } from '../call.ts';
import type { Upload } from './put-upload.ts';

/**
 * `objects.insert`, as a multipart or a media upload: puts a new generation under the name.
 *
 * The `name` parameter overrides the one in the metadata (API definition).
 */
export function insertObject(call: Call): Answer {
  checkQuery(call.query, UPLOAD_PARAMETERS);
  const preconditions = preconditionsOf(call.query);
  const parts = readParts(call);
  const name = call.query.get('name') ?? parts.change.name;
  if (name === undefined) throw required('name');
  checkObjectName(name);
  const contentEncoding = call.query.get('contentEncoding') ?? undefined;
  return objectAnswer(call, putUpload(call, { ...parts, name, contentEncoding, preconditions }));
}

function readParts(call: Call): Pick<Upload, 'change' | 'contentType' | 'body'> {
  const contentType = call.headers.get('content-type') ?? undefined;
  const uploadType = call.query.get('uploadType');
  switch (uploadType) {
    case 'media':
      return { change: readObjectChange('{}', true), contentType, body: call.body };
    case 'multipart': {
      const parts = splitRelated(contentType ?? '', call.body);
      return { ...parts, change: readObjectChange(parts.metadata, true) };
    }
    case null:
      throw required('uploadType');
    default:
      throw invalidParameter(`Invalid value '${uploadType}'.`, 'uploadType');
  }
}
