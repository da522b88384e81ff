import { required } from '../errors.ts';
import { bucketResource } from '../resource.ts';
import { checkQuery, maxResultsOf, refuseTrue } from '../validate/query.ts';
import { cutPage } from './page.ts';
import type { Answer, Call } from '../call.ts';

/** `buckets.list`: the buckets of one project, by name, in pages of at most 1000. */
export function listBuckets(call: Call): Answer {
  checkQuery(call.query, ['project', 'prefix', 'maxResults', 'pageToken', 'projection', 'softDeleted']);
  refuseTrue(call.query, 'softDeleted');
  const project = call.query.get('project');
  if (project === null || project === '') throw required('project');
  const prefix = call.query.get('prefix') ?? '';
  const found = call.store.buckets(project).filter((bucket) => bucket.name.startsWith(prefix));
  const page = cutPage(
    found,
    call.query.get('pageToken'),
    maxResultsOf(call.query, 1000),
    (bucket) => bucket.name,
  );
  return {
    kind: 'json',
    value: {
      kind: 'storage#buckets',
      ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
      ...(page.items.length === 0
        ? {}
        : { items: page.items.map((bucket) => bucketResource(bucket, call.origin)) }),
    },
  };
}
