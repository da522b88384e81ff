import { invalid, notImitated } from '../errors.ts';
import { booleanOrNull, isObject } from './object-body.ts';
import type { BucketSettings } from '../objects.ts';

/** The longest retention period, in seconds: 100 years ("Quotas and limits"). */
const RETENTION_MAX_S = 3_155_760_000;

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

/** An int64 in JSON: text, or a number. */
function readPeriod(value: unknown): number {
  const seconds = Number(value);
  if (!/^\d+$/.test(String(value)) || seconds < 1 || seconds > RETENTION_MAX_S) {
    throw invalid(`Invalid value for retentionPeriod: '${String(value)}'.`);
  }
  return seconds;
}
