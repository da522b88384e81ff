import type { Claim } from '../claim.ts';
import { ANSWERS } from './answers.ts';
import { CONSISTENCY } from './consistency.ts';
import { METADATA } from './metadata.ts';
import { NAMES } from './names.ts';
import { PRECONDITIONS } from './preconditions.ts';
import { REPEATS } from './repeats.ts';
import { VERSIONS } from './versions.ts';

/** What holds on any store, in the order in which docs/protocol.md and src/gcs rest on it. */
export const CLAIMS: Readonly<Record<string, readonly Claim[]>> = {
  consistency: CONSISTENCY,
  preconditions: PRECONDITIONS,
  versions: VERSIONS,
  metadata: METADATA,
  answers: ANSWERS,
  repeats: REPEATS,
  names: NAMES,
};
