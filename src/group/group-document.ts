import { editDocument } from '../document.ts';
import type { Group, GroupView } from './group.ts';
import { errorContext } from '../lock.ts';
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

/**
 * What a group's document says, by a look at the group. Where there is none yet, one is stored first.
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
  const value = shown === undefined ? agree(await storeFirst(group, agreed, limit, tally)) : agreed;
  keepStored(group, view);
  return value;
}

/** Stores the document of a group that has none yet; gives what is stored then, by whomever. */
async function storeFirst<Value>(
  group: Group<Value>,
  value: Value,
  limit: AbortSignal,
  tally: Tally,
): Promise<Value> {
  const changed = await editDocument<Value, Value>(group.document, {
    decide: (seen) => (seen === undefined ? { kind: 'write', value } : { kind: 'leave', why: seen.value }),
    whenUnclear: 'decide-anew',
    timeoutMs: Infinity,
    signal: limit,
    seen: { kind: 'absent' },
    tally,
  });
  return changed.kind === 'left' ? changed.why : changed.value;
}

/** How long a document goes untouched though it is used: `clean` removes one that nobody has used for a day. */
const TOUCH_AFTER_MS = 43_200_000;

/**
 * Writes the document once more as it is, in the background, where nobody has for a long time. It is nobody's business
 * whether that succeeds: the next one who acquires tries again.
 */
function keepStored<Value>(
  group: Group<Value>,
  { document, serverTime = 0 }: Pick<GroupView<Value>, 'document' | 'serverTime'>,
): void {
  if (document.kind !== 'found' || serverTime - document.object.updatedAt < TOUCH_AFTER_MS) return;
  void editDocument<Value, 'recent'>(group.document, {
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
