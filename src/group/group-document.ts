import { editDocument } from '../document.ts';
import type { Group, GroupView } from './group.ts';
import { errorContext } from '../lock.ts';
import type { SeenObject } from '../protocol/outcome.ts';
import { otherObject } from '../reading.ts';
import type { Tally } from '../tally.ts';

/** What a look at a group shows of its document; undefined where there is none. */
export function storedIn<Value>(
  group: Group<Value>,
  { document }: Pick<GroupView<Value>, 'document'>,
): Value | undefined {
  if (document.kind !== 'found') return undefined;
  const { content } = document.object;
  if (content.kind === 'record') return content.record.value;
  throw otherObject(document.object, content, errorContext(group.document));
}

/** How long a document goes untouched though it is used. */
const TOUCH_AFTER_MS = 43_200_000;

/**
 * The age at which `clean` may remove a document at the soonest, whatever it is asked for. Whoever has seen one of half
 * that age stores it again before taking anything: so one that is removed was of no use to anybody who is still
 * between looking and taking, but to those whom the removal makes store it again.
 */
export const KEPT_FOR_MS = 2 * TOUCH_AFTER_MS;

/**
 * What a group's document says, by a look at the group. Where there is none yet, one is stored first; one that nobody
 * has stored for long is stored once more, before anything may be taken: then it is either too new to be removed, or
 * was removed, and is made anew.
 *
 * @param agree - what counts, given what is stored, if anything is; throws where that is not what it was to be.
 */
export async function agreedDocument<Value>(
  group: Group<Value>,
  view: GroupView<Value>,
  agree: (stored: Value | undefined) => Value,
  limit: AbortSignal,
  tally: Tally,
): Promise<Value> {
  const shown = storedIn(group, view);
  const agreed = agree(shown);
  const { document } = view;
  if (document.kind === 'found' && !isOld(document.object)) return agreed;
  const changed = await editDocument<Value, Value>(group.document, {
    decide(seen) {
      if (seen !== undefined && !isOld(seen)) return { kind: 'leave', why: seen.value };
      return { kind: 'write', value: seen?.value ?? agreed };
    },
    whenUnclear: 'decide-anew',
    timeoutMs: Infinity,
    signal: limit,
    seen: document,
    tally,
  });
  return agree(changed.kind === 'left' ? changed.why : changed.value);
}

function isOld({ updatedAt, serverTime = 0 }: Pick<SeenObject, 'updatedAt' | 'serverTime'>): boolean {
  return serverTime - updatedAt >= TOUCH_AFTER_MS;
}
