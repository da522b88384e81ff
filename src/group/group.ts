import type { Connection } from '../connection.ts';
import { type Document, openDocument } from '../document.ts';
import { type DescribedObject, seenAs } from '../gcs/outcome.ts';
import { type ListOutcome, listPage } from '../gcs/listing.ts';
import type { LockName } from '../lock-name.ts';
import { type Asker, type Lock, openLock, staleRules } from '../lock.ts';
import type { Sighting } from '../protocol/acquire-state.ts';
import { documentCodec, type DocumentKind, type DocumentRecord } from '../protocol/document-record.ts';
import type { ReadOutcome, SeenObject } from '../protocol/outcome.ts';
import { LOCK_CODEC } from '../protocol/record.ts';
import { timeUntilReplaceable } from '../protocol/stale.ts';
import type { Millis } from '../protocol/timing.ts';
import { untilKnown } from '../reading.ts';
import type { Tally } from '../tally.ts';

/** Locks below one name, and beside them a document that says which there are. */
export interface Group<Value> extends Asker {
  readonly document: Document<Value>;
  /** The lock of a name below the group's. */
  lock(name: string): Lock;
  /** Adds to what the process remembers of its locks that these alone are there. */
  noteAbsentBut(names: ReadonlySet<string>, arrivedMs: Millis): void;
  /** The document as a list describes it. */
  documentIn(described: DescribedObject | undefined): ReadOutcome<DocumentRecord<Value>>;
  page(pageToken: string | undefined, limit: AbortSignal): Promise<ListOutcome>;
  readonly documentName: string;
  /** What the names of all its objects begin with. */
  readonly prefix: string;
}

/** A lock that a look at its group has shown. */
export interface SeenLock {
  readonly object: SeenObject;
  readonly read: Sighting['read'];
}

/** What a list shows of a group. */
export interface GroupView<Value> {
  /** When the request for it left. */
  readonly sentAt: Sighting['sentAt'];
  readonly document: ReadOutcome<DocumentRecord<Value>>;
  /** The locks that have an object, by their name below the group's. */
  readonly locks: ReadonlyMap<string, SeenLock>;
  /** The server's time of the first answer, where it said so. */
  readonly serverTime: Millis | undefined;
}

/** Does no I/O. */
export function openGroup<Value extends object>(
  connection: Connection,
  { bucket, name }: LockName,
  documentName: string,
  kind: DocumentKind<Value>,
): Group<Value> {
  const { endpoint, settings, parts, userProject } = connection;
  const prefix = `${name}/`;
  const locks = new Map<string, Lock>();
  const codec = documentCodec(kind);
  const target = { endpoint, bucket, prefix, userProject };
  return {
    url: `gs://${bucket}/${name}`,
    kind: kind.kind,
    settings,
    clock: parts.clock,
    random: parts.random,
    prefix,
    documentName,
    document: openDocument(connection, { bucket, name: prefix + documentName }, kind),
    lock(below) {
      const lock = locks.get(below) ?? openLock(connection, { bucket, name: prefix + below });
      locks.set(below, lock);
      return lock;
    },
    noteAbsentBut(names, arrivedMs) {
      for (const [below, { memory }] of locks)
        if (!names.has(below)) memory.see({ kind: 'absent' }, arrivedMs);
    },
    documentIn: (described) =>
      described === undefined ? { kind: 'absent' } : { kind: 'found', object: seenAs(described, codec) },
    page: (pageToken, limit) => listPage(target, pageToken, parts.transport, limit),
  };
}

/**
 * Looks at a group by one list, in as many pages as it takes.
 *
 * @throws an error of the store.
 */
export async function survey<Value>(
  group: Group<Value>,
  limit: AbortSignal,
  tally?: Tally,
): Promise<GroupView<Value>> {
  const sentAt = group.clock.now();
  const locks = new Map<string, SeenLock>();
  let document: DescribedObject | undefined;
  let serverTime: Millis | undefined;
  let pageToken: string | undefined;
  do {
    const page = await untilKnown(group, limit, (attempt) => group.page(pageToken, attempt), tally);
    const arrivedMs = group.clock.now().monotonicMs;
    for (const { name, object } of page.objects) {
      serverTime ??= object.serverTime;
      const below = name.slice(group.prefix.length);
      if (below === group.documentName) document = object;
      else locks.set(below, seenLock(group, below, object, arrivedMs));
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  group.noteAbsentBut(new Set(locks.keys()), group.clock.now().monotonicMs);
  return { sentAt, document: group.documentIn(document), locks, serverTime };
}

function seenLock<Value>(
  group: Group<Value>,
  below: string,
  described: DescribedObject,
  arrivedMs: Millis,
): SeenLock {
  const object = seenAs(described, LOCK_CODEC);
  const outcome: ReadOutcome = { kind: 'found', object };
  return { object, read: { outcome, ...group.lock(below).memory.see(outcome, arrivedMs) } };
}

/** How long until a lock may be taken, as far as a look at its group shows: 0 for now. */
export function timeUntilFree<Value>(group: Group<Value>, view: GroupView<Value>, name: string): Millis {
  const seen = view.locks.get(name);
  if (seen === undefined) return 0;
  return timeUntilReplaceable(seen.object, seen.read, staleRules(group), group.clock.now().monotonicMs);
}
