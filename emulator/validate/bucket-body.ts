import { invalid, notImitated } from '../errors.ts';
import { booleanOrNull, isObject } from './object-body.ts';
import type { BucketSettings } from '../stored.ts';

/** The longest retention period, in seconds: 100 years ("Quotas and limits"). */
const RETENTION_MAX_S = 3_155_760_000;

/** How long soft delete keeps what is removed, in seconds: 7 to 90 days, by default 7 ("Soft delete"). */
const SOFT_DELETE_DEFAULT_S = 604_800;
const SOFT_DELETE_MAX_S = 7_776_000;

/**
 * Applies the settings in the JSON of a bucket to those it has. A field that is not named stays, `null` takes
 * it away (kmoneil/zig-gcp `bucket_settings.zig`, measured).
 *
 * @param others - fields that the caller reads itself.
 * @throws ApiError 400 for a value of the wrong type, 501 for a field that is not imitated.
 */
export function applyBucketSettings(
  before: BucketSettings,
  body: Readonly<Record<string, unknown>>,
  others: readonly string[],
): BucketSettings {
  const changes = Object.entries(body)
    .filter(([field]) => !others.includes(field))
    .map(([field, value]) => readSetting(field, value));
  return Object.assign({}, before, ...changes);
}

function readSetting(field: string, value: unknown): BucketSettings {
  switch (field) {
    case 'defaultEventBasedHold':
      return { defaultEventBasedHold: booleanOrNull(field, value) };
    case 'billing':
      return { requesterPays: booleanOrNull(field, readMember(field, value, 'requesterPays') ?? null) };
    case 'versioning':
      return { versioning: booleanOrNull(field, readMember(field, value, 'enabled') ?? null) };
    case 'softDeletePolicy': {
      const duration = readMember(field, value, 'retentionDurationSeconds');
      return { softDeleteS: duration === undefined ? SOFT_DELETE_DEFAULT_S : readDuration(duration) };
    }
    case 'retentionPolicy': {
      const period = readMember(field, value, 'retentionPeriod');
      return { retentionPeriodS: period === undefined ? undefined : readPeriod(period) };
    }
    default:
      throw notImitated(`bucket field ${field}`);
  }
}

/** The one member of a setting that is imitated; `undefined` for the setting `null`. */
function readMember(field: string, value: unknown, name: string): unknown {
  if (value === null) return undefined;
  if (!isObject(value)) throw invalid(`Invalid value for ${field}: not an object.`);
  const other = Object.keys(value).find((key) => key !== name);
  if (other !== undefined) throw notImitated(`bucket field ${field}.${other}`);
  if (value[name] === undefined) throw invalid(`Invalid value for ${field}: ${name} is missing.`);
  return value[name];
}

function readPeriod(value: unknown): number {
  const seconds = readInt64('retentionPeriod', value);
  if (seconds < 1 || seconds > RETENTION_MAX_S) throw badValue('retentionPeriod', value);
  return seconds;
}

function readDuration(value: unknown): number {
  const seconds = readInt64('retentionDurationSeconds', value);
  if (seconds !== 0 && (seconds < SOFT_DELETE_DEFAULT_S || seconds > SOFT_DELETE_MAX_S)) {
    throw badValue('retentionDurationSeconds', value);
  }
  return seconds;
}

/** An int64 in JSON: text, or a number. */
function readInt64(field: string, value: unknown): number {
  if (!/^\d{1,19}$/.test(String(value))) throw badValue(field, value);
  return Number(value);
}

function badValue(field: string, value: unknown): Error {
  return invalid(`Invalid value for ${field}: '${String(value)}'.`);
}
