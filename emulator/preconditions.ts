/** The preconditions of a request; an absent one is `undefined`. Numbers are int64. */
export interface Preconditions {
  readonly ifGenerationMatch?: bigint | undefined;
  readonly ifGenerationNotMatch?: bigint | undefined;
  readonly ifMetagenerationMatch?: bigint | undefined;
  readonly ifMetagenerationNotMatch?: bigint | undefined;
  /** The entity tags of an `If-Match` header, of which one has to be the object's. */
  readonly ifMatch?: readonly string[] | undefined;
  /** Those of `If-None-Match`, of which none may be. */
  readonly ifNoneMatch?: readonly string[] | undefined;
}

/** The version that preconditions are held against. */
export interface LiveVersion {
  readonly generation: bigint;
  readonly metageneration: bigint;
  /** Only needed where there are preconditions on it. */
  readonly etag?: string | undefined;
}

/**
 * `holds`: go on. `unmet`: an `if...Match` failed, the answer is 412. `notModified`: an `if...NotMatch` or `If-None-Match`
 * failed, the answer is 304, for reads and writes alike.
 */
export type Verdict = 'holds' | 'unmet' | 'notModified';

/**
 * Decides every precondition of every call. Pure.
 *
 * Zero means absence. `ifGenerationMatch=0` holds only without a live object and `ifGenerationNotMatch=0`
 * only with one (API definition, objects.insert); Google's own storage-testbench reads
 * `ifMetagenerationMatch=0` and `ifMetagenerationNotMatch=0` the same way, and nothing documents them.
 * Any other `ifGenerationNotMatch` fails too without a live object: "if no live object exists, the
 * precondition fails" (same place).
 *
 * A failed match is told before a failed not-match when a request has both.
 *
 * @param live - the live version under the name, or `undefined` when there is none.
 */
export function evaluate(preconditions: Preconditions, live: LiveVersion | undefined): Verdict {
  if (
    !matches(preconditions.ifGenerationMatch, live?.generation) ||
    !matches(preconditions.ifMetagenerationMatch, live?.metageneration) ||
    preconditions.ifMatch?.includes(live?.etag ?? '') === false
  ) {
    return 'unmet';
  }
  if (
    (preconditions.ifGenerationNotMatch !== undefined && live === undefined) ||
    !differs(preconditions.ifGenerationNotMatch, live?.generation) ||
    !differs(preconditions.ifMetagenerationNotMatch, live?.metageneration) ||
    preconditions.ifNoneMatch?.includes(live?.etag ?? '') === true
  ) {
    return 'notModified';
  }
  return 'holds';
}

/** Whether a request carries any precondition at all. */
export function isGuarded(preconditions: Preconditions): boolean {
  return Object.values(preconditions).some((value) => value !== undefined);
}

function matches(expected: bigint | undefined, actual: bigint | undefined): boolean {
  return expected === undefined || expected === (actual ?? 0n);
}

function differs(unwanted: bigint | undefined, actual: bigint | undefined): boolean {
  return unwanted === undefined || unwanted !== (actual ?? 0n);
}
