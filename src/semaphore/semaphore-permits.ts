import { outOfRange, wrongType } from '../gcs/invalid-argument.ts';
import { type Group, type GroupView, timeUntilFree } from '../group/group.ts';
import type { Offer } from '../group/group-acquisition.ts';
import { errorContext } from '../lock.ts';
import { MAX_PERMITS, type Permits, slotIndex, slotName } from '../protocol/semaphore.ts';
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

/** The number of permits that counts, of the one that is stored and the one that was given. */
export function agreed(group: SemaphoreGroup, stored: number | undefined, given: number | undefined): number {
  const permits = stored ?? given;
  if (permits === undefined) throw new PermitsUnknownError(errorContext(group));
  if (given !== undefined && given !== permits) {
    throw new PermitsMismatchError({ stored: permits, given }, errorContext(group));
  }
  return permits;
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
