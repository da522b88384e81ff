import type { Failure } from '../protocol/outcome.ts';
import type { Endpoint } from './endpoint.ts';
import { judgeAnswer, judgeError } from './failures.ts';
import { ownValue, parseJson } from './google-error.ts';
import { type DescribedObject, describedObject, nonsense, unsuccessfulRead } from './outcome.ts';
import type { Transport, TransportAnswer } from './transport.ts';

/** Which objects are listed. */
export interface ListTarget {
  readonly endpoint: Pick<Endpoint, 'origin'>;
  readonly bucket: string;
  /** What the names begin with. */
  readonly prefix: string;
  /** The project that pays for the requests, for requester-pays buckets. */
  readonly userProject?: string | undefined;
}

/** An object of a listing. */
export interface ListedObject {
  readonly name: string;
  readonly object: DescribedObject;
}

/** What became of asking for one page. */
export type ListOutcome =
  | {
      readonly kind: 'page';
      readonly objects: readonly ListedObject[];
      /** Asks for the next page; absent on the last one. */
      readonly nextPageToken?: string;
    }
  /** Nothing is known; asking again may help. */
  | { readonly kind: 'unreadable'; readonly failure: Failure }
  /** Refused for a reason that asking again does not mend. */
  | { readonly kind: 'failed'; readonly failure: Failure };

const FIELDS =
  'items(name,generation,metageneration,metadata,updated,timeCreated,size,contentType),nextPageToken';

/** Each object has up to 8 KiB of metadata, which a page of the API's 1 000 would make too much to hold at once. */
const PAGE_SIZE = 250;
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Asks for one page of the live objects whose names begin in a certain way, by name. It is strongly consistent
 * (https://docs.cloud.google.com/storage/docs/consistency).
 */
export async function listPage(
  { endpoint, bucket, prefix, userProject }: ListTarget,
  pageToken: string | undefined,
  transport: Transport,
  signal: AbortSignal,
): Promise<ListOutcome> {
  const query = new URLSearchParams({
    prefix,
    projection: 'noAcl',
    fields: FIELDS,
    maxResults: String(PAGE_SIZE),
    ...(pageToken === undefined ? {} : { pageToken }),
    ...(userProject === undefined ? {} : { userProject }),
  });
  const url = `${endpoint.origin}/storage/v1/b/${encodeURIComponent(bucket)}/o?${query.toString()}`;
  let answer: TransportAnswer;
  try {
    answer = await transport({ method: 'GET', url, headers: {}, maxBodyBytes: MAX_PAGE_BYTES }, signal);
  } catch (error) {
    return unsuccessfulList(unsuccessfulRead(judgeError(error)));
  }
  if (answer.status !== 200) return unsuccessfulList(unsuccessfulRead(judgeAnswer(answer)));
  return pageOf(answer, prefix) ?? { kind: 'unreadable', failure: nonsense(answer, 'which is no list') };
}

/** A bucket that is not there is the only thing of a list that can be absent. */
function unsuccessfulList(outcome: ReturnType<typeof unsuccessfulRead>): ListOutcome {
  if (outcome.kind !== 'absent') {
    const { failure } = outcome;
    if (failure.kind !== 'permission-denied') return outcome;
    const detail = `${failure.detail} To list takes the permission storage.objects.list.`;
    return { ...outcome, failure: { ...failure, detail } };
  }
  return {
    kind: 'failed',
    failure: { kind: 'bucket-not-found', status: 404, detail: 'The bucket was not found (HTTP 404).' },
  };
}

function pageOf(answer: TransportAnswer, prefix: string): ListOutcome | undefined {
  const json = parseJson(answer.body);
  if (typeof json !== 'object' || json === null) return undefined;
  const items: unknown = ownValue(json, 'items') ?? [];
  const nextPageToken = ownValue(json, 'nextPageToken');
  if (!Array.isArray(items)) return undefined;
  if (nextPageToken !== undefined && typeof nextPageToken !== 'string') return undefined;
  const objects: ListedObject[] = [];
  for (const item of items) {
    const name = ownValue(item, 'name');
    const object = describedObject(item, answer.headers.get('date'));
    // Half a list would say of some locks that they are not there.
    if (typeof name !== 'string' || !name.startsWith(prefix) || object === undefined) return undefined;
    objects.push({ name, object });
  }
  return { kind: 'page', objects, ...(nextPageToken === undefined ? {} : { nextPageToken }) };
}
