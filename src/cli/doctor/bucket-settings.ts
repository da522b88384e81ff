import { type Finding, fine, unfit, warning } from './finding.ts';
import { lifecycleFindings } from './lifecycle.ts';
import { at, textAt } from './json.ts';

/** What is asked of the bucket (https://docs.cloud.google.com/storage/docs/json_api/v1/buckets#resource). */
export const BUCKET_FIELDS = [
  'location',
  'locationType',
  'storageClass',
  'retentionPolicy',
  'defaultEventBasedHold',
  'softDeletePolicy',
  'versioning',
  'lifecycle',
  'hierarchicalNamespace',
  'billing',
  'iamConfiguration',
].join();

/** What a bucket's settings mean for the locks below a prefix. */
export function settingsFindings(bucket: unknown, prefix: string, hasPayer: boolean): Finding[] {
  return [
    place(bucket),
    retention(bucket),
    holds(bucket),
    copies(bucket),
    softDelete(bucket),
    ...lifecycleFindings(bucket, prefix),
    payer(bucket, hasPayer),
    publicAccess(bucket),
  ];
}

function place(bucket: unknown): Finding {
  const location = textAt(bucket, 'location');
  const type = textAt(bucket, 'locationType');
  const storageClass = textAt(bucket, 'storageClass');
  const folders =
    at(bucket, 'hierarchicalNamespace', 'enabled') === true
      ? ', hierarchical namespace (locks work the same there)'
      : '';
  const own =
    storageClass === 'STANDARD' || storageClass === ''
      ? ''
      : `; lock objects are STANDARD in spite of the bucket's ${storageClass}`;
  const where = [location, type, storageClass].filter((word) => word !== '').join(', ');
  return fine('place', `${where}${folders}${own}`);
}

function retention(bucket: unknown): Finding {
  const seconds = Number(at(bucket, 'retentionPolicy', 'retentionPeriod') ?? 0);
  if (seconds === 0) return fine('retention policy', 'none');
  return unfit(
    'retention policy',
    `objects may not be replaced or deleted for ${days(seconds)}: no lock could be released or taken over`,
    'use a bucket without a retention policy for locks',
  );
}

function holds(bucket: unknown): Finding {
  if (at(bucket, 'defaultEventBasedHold') !== true) return fine('default event-based hold', 'off');
  return unfit(
    'default event-based hold',
    'every new object is held: no lock could be released or taken over',
    'gcloud storage buckets update gs://BUCKET --no-default-event-based-hold, or use another bucket',
  );
}

function copies(bucket: unknown): Finding {
  if (at(bucket, 'versioning', 'enabled') !== true) return fine('versioning', 'off');
  return warning(
    'versioning',
    'every release and takeover leaves a copy of the record behind, for ever unless a lifecycle rule removes it',
    'add a lifecycle rule that deletes noncurrent versions below the prefix (daysSinceNoncurrentTime: 1)',
  );
}

function softDelete(bucket: unknown): Finding {
  const seconds = Number(at(bucket, 'softDeletePolicy', 'retentionDurationSeconds') ?? 0);
  if (seconds === 0) return fine('soft delete', 'off');
  return fine(
    'soft delete',
    `what is deleted is kept for ${days(seconds)}: about 1 kB for each release, a cent for a million of them`,
  );
}

function payer(bucket: unknown, hasPayer: boolean): Finding {
  if (at(bucket, 'billing', 'requesterPays') !== true) return fine('requester pays', 'off');
  if (hasPayer) return fine('requester pays', 'on, and --user-project is given');
  return unfit(
    'requester pays',
    'on, and no project is named that pays',
    'give --user-project, or userProject in the library',
  );
}

function publicAccess(bucket: unknown): Finding {
  if (at(bucket, 'iamConfiguration', 'publicAccessPrevention') === 'enforced')
    return fine('public access', 'prevented');
  return fine(
    'public access',
    'not prevented, though perhaps not granted: whoever may read the bucket reads holders and metadata',
  );
}

function days(seconds: number): string {
  const count = seconds / 86_400;
  return count >= 1 ? `${Math.round(count)} day${Math.round(count) === 1 ? '' : 's'}` : `${seconds} s`;
}
