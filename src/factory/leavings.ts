import { removeDocument } from '../breaking.ts';
import type { Connection } from '../connection.ts';
import { openDocument } from '../document.ts';
import type { ListedLock } from './listed.ts';
import type { LockName } from '../lock-name.ts';
import type { DocumentKind } from '../protocol/document-record.ts';
import { lockNameOf, RESOURCES, RESOURCES_NAME } from '../protocol/pool.ts';
import { PERMITS, PERMITS_NAME, slotName } from '../protocol/semaphore.ts';
import type { LockStatus } from '../status.ts';

/** Locks below one name, in a list: a semaphore or a pool. */
export type ListedGroup = Extract<ListedLock, { readonly kind: 'semaphore' | 'pool' }>;

/** What a list shows of a group that `clean` may have to do with. */
interface Leavings {
  /** The locks that have a record, alive or not. */
  readonly left: readonly {
    readonly below: string;
    readonly status: LockStatus;
    readonly staleForMs: number;
  }[];
  /**
   * Whether there is nothing else: locks of a later version, or objects of other people. Their holders are among those
   * that hold, and not among those that are known.
   */
  readonly isElseEmpty: boolean;
  /** Removes its document, given where the group is: the state of it that was listed. */
  removeDocument(connection: Connection, at: LockName, signal: AbortSignal | undefined): Promise<boolean>;
}

export function leavingsOf(group: ListedGroup): Leavings {
  if (group.kind === 'semaphore') {
    const { holders, held, unusable } = group.status;
    return {
      left: holders.map(({ slot, staleForMs, ...status }) => ({ below: slotName(slot), status, staleForMs })),
      isElseEmpty: held === 0 && unusable === 0,
      removeDocument: removing(group, PERMITS_NAME, PERMITS),
    };
  }
  const { resources, counts } = group.status;
  return {
    left: resources.flatMap(({ resource, holder, staleForMs }) =>
      holder === undefined ? [] : [{ below: lockNameOf(resource), status: holder, staleForMs }],
    ),
    isElseEmpty: counts.held === 0 && counts.unusable === 0,
    removeDocument: removing(group, RESOURCES_NAME, RESOURCES),
  };
}

function removing<Value extends object>(
  { version }: ListedGroup,
  documentName: string,
  kind: DocumentKind<Value>,
): Leavings['removeDocument'] {
  return (connection, { bucket, name }, signal) => {
    const document = openDocument(connection, { bucket, name: `${name}/${documentName}` }, kind);
    return removeDocument(document, { ifVersion: version, signal });
  };
}
