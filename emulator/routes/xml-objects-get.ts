import { etagConditionsOf, int64Header } from '../validate/headers.ts';
import { checkQuery } from '../validate/query.ts';
import { liveObject } from './live-object.ts';
import { mediaAnswer } from './media-answer.ts';
import type { Answer, Call } from '../call.ts';

/**
 * The XML API's GET Object and HEAD Object, by which Go's client downloads. Preconditions and custom metadata are
 * headers there ("HTTP headers and query string parameters for XML API").
 */
export function getObjectByXml(call: Call): Answer {
  checkQuery(call.query, ['generation']);
  const object = liveObject(call, 404, {
    ifGenerationMatch: int64Header(call.headers, 'x-goog-if-generation-match'),
    ifMetagenerationMatch: int64Header(call.headers, 'x-goog-if-metageneration-match'),
    ...etagConditionsOf(call.headers),
  });
  const answer = mediaAnswer(call, object);
  const custom = Object.entries(object.metadata ?? {}).map(([key, value]) => [`x-goog-meta-${key}`, value]);
  return { ...answer, headers: { ...answer.headers, ...Object.fromEntries(custom) } };
}
