/**
 * Which state of an object is meant: generation and metageneration together, both int64 in decimal, kept as
 * opaque strings and compared for equality only.
 *
 * Either alone leaves a hole: the metageneration restarts at 1 in every generation, and the generation does
 * not change when the holder refreshes. A generation is unique but not documented to increase
 * (https://docs.cloud.google.com/storage/docs/metadata#generation-number).
 */
export interface Version {
  readonly generation: string;
  readonly metageneration: string;
}

/** Whether two versions are the same state of the same object. */
export function isSameVersion(one: Version, other: Version): boolean {
  return one.generation === other.generation && one.metageneration === other.metageneration;
}

const MAX_INT64 = '9223372036854775807';

/** Whether a value from the server is a positive int64 in decimal, the only form that a version takes. */
export function isVersionNumber(value: unknown): value is string {
  if (typeof value !== 'string' || !/^[1-9][0-9]{0,18}$/.test(value)) return false;
  // Of numbers of the same length the smaller one comes first as text, too.
  return value.length < MAX_INT64.length || value <= MAX_INT64;
}
