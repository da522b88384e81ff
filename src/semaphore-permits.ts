import type { Tally } from './acquisition.ts';
import { editDocument } from './document.ts';
import { outOfRange, wrongType } from './gcs/invalid-argument.ts';
import { type Group, type GroupView, timeUntilFree } from './group.ts';
import type { Offer } from './group-acquisition.ts';
import { errorContext } from './lock.ts';
import { MAX_PERMITS, type Permits, slotIndex, slotName } from './protocol/semaphore.ts';
import { otherObject } from './reading.ts';
import { PermitsMismatchError, PermitsUnknownError } from './semaphore-errors.ts';

type SemaphoreGroup = Group<Permits>;
type View = GroupView<Permits>;

/** Checks a number of permits that a caller gave. */
export function checkPermits(
  value: unknown,
  name = 'permits',
  most: number = MAX_PERMITS,
  withWhat = '',
): number {
  if (typeof value !== 'number') throw wrongType(name, value, 'a whole number');
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw outOfRange(name, value, `a whole number from 1 to ${most}`, withWhat);
  }
  return value;
}

/** The number of permits that a look at a semaphore shows; undefined where none is stored. */
export function storedIn(group: SemaphoreGroup, { document }: View): number | undefined {
  if (document.kind !== 'found') return undefined;
  const { content } = document.object;
  if (content.kind === 'record') return content.record.value.permits;
  throw otherObject(document.object, content, errorContext(group.document));
}

/** The number of permits that counts, of the one that is stored and the one that was given. */
export function agreed(group: SemaphoreGroup, stored: number | undefined, given: number | undefined): number {
  const permits = stored ?? given;
  if (permits === undefined) throw new PermitsUnknownError(errorContext(group));
  if (given !== undefined && given !== permits) {
    throw new PermitsMismatchError({ stored: permits, given }, errorContext(group));
  }
  return permits;
}

/** Stores the number of a semaphore that has none yet; gives the one that is stored then. */
export async function storeFirst(
  group: SemaphoreGroup,
  permits: number,
  limit: AbortSignal,
  tally: Tally,
): Promise<number> {
  const changed = await editDocument<Permits, number>(group.document, {
    decide: (seen) =>
      seen === undefined ? { kind: 'write', value: { permits } } : { kind: 'leave', why: seen.value.permits },
    whenUnclear: 'decide-anew',
    timeoutMs: group.settings.requestTimeoutMs,
    signal: limit,
    seen: { kind: 'absent' },
    tally,
  });
  return changed.kind === 'left' ? changed.why : changed.value.permits;
}

/** How long the stored number goes untouched though it is used: `clean` removes one that nobody has used for a day. */
const TOUCH_AFTER_MS = 43_200_000;

/**
 * Writes the stored number once more, in the background, where nobody has for a long time. It is nobody's business
 * whether that succeeds: the next one who acquires tries again.
 */
export function keepStored(group: SemaphoreGroup, { document, serverTime = 0 }: View): void {
  if (document.kind !== 'found' || serverTime - document.object.updatedAt < TOUCH_AFTER_MS) return;
  void editDocument<Permits, 'recent'>(group.document, {
    decide: (seen) =>
      seen === undefined || (seen.serverTime ?? 0) - seen.updatedAt < TOUCH_AFTER_MS
        ? { kind: 'leave', why: 'recent' }
        : { kind: 'write', value: seen.value },
    whenUnclear: 'fail',
    timeoutMs: group.settings.requestTimeoutMs,
    seen: document,
    timerKind: 'background',
  }).catch(() => undefined);
}

/** The slots that may be taken: those within the number of permits, and no more than are not held anywhere. */
export function offerOf(group: SemaphoreGroup, permits: number, view: View): Offer {
  const isHeld = (name: string): boolean =>
    slotIndex(name) !== undefined &&
    view.locks.get(name)?.object.content.kind !== 'foreign' &&
    timeUntilFree(group, view, name) > 0;
  const heldCount = [...view.locks.keys()].filter(isHeld).length;
  return {
    names: Array.from({ length: permits }, (_, index) => slotName(index)),
    atMost: Math.max(0, permits - heldCount),
  };
}
