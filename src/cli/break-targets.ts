import type { BreakableLock, FoundLock } from '../index.ts';
import { leavingsOf, type ListedGroup } from '../factory/leavings.ts';
import { lockNameOf } from '../protocol/pool.ts';
import { slotName } from '../protocol/semaphore.ts';
import { Failure } from './failures.ts';

/** Which locks of a semaphore or a pool are meant; of a lock, whose it must be. */
export interface BreakChoice {
  /** A permit of a semaphore. */
  readonly slot?: number;
  /** A resource of a pool. */
  readonly resource?: string;
  readonly leaseId?: string;
  /** The holder's label. */
  readonly holder?: string;
  readonly ifStale?: boolean;
}

/** What the flags of a choice are called. */
const FLAGS = {
  slot: '--slot',
  resource: '--resource',
  leaseId: '--lease-id',
  holder: '--holder',
} as const satisfies Partial<Record<keyof BreakChoice, string>>;

/**
 * What is meant, of what was found.
 *
 * @throws Failure where that is not clear.
 */
export function targetsIn(found: FoundLock, choice: BreakChoice): readonly BreakableLock[] {
  switch (found.kind) {
    case 'free':
      return [];
    case 'held':
      forbid(found, choice, ['slot', 'resource'], 'a lock');
      return [found].filter((target) => isMeant(target, choice));
    case 'event':
      forbid(found, choice, ['slot', 'resource', 'leaseId', 'holder'], 'an event');
      return [found];
    case 'rate-limiter':
      forbid(found, choice, ['slot', 'resource', 'leaseId', 'holder'], 'a rate limiter');
      return [found];
    case 'semaphore':
      forbid(found, choice, ['resource'], 'a semaphore');
      demand(found, choice, 'say which permit with --slot 3');
      return within(found, choice.slot === undefined ? undefined : slotName(choice.slot), choice);
    case 'pool':
      forbid(found, choice, ['slot'], 'a pool');
      demand(found, choice, 'say which resource with --resource NAME');
      return within(found, choice.resource === undefined ? undefined : lockNameOf(choice.resource), choice);
    default:
      return found satisfies never;
  }
}

function within(group: ListedGroup, only: string | undefined, choice: BreakChoice): readonly BreakableLock[] {
  return leavingsOf(group)
    .left.filter(({ below }) => only === undefined || below === only)
    .map(({ below, status, staleForMs }) => ({
      url: `${group.url}/${below}`,
      name: `${group.name}/${below}`,
      kind: 'held' as const,
      status,
      staleForMs,
    }))
    .filter((target) => isMeant(target, choice));
}

function isMeant({ status }: BreakableLock & { kind: 'held' }, { leaseId, holder }: BreakChoice): boolean {
  return (
    (leaseId === undefined || status.leaseId === leaseId) &&
    (holder === undefined || status.holder === holder)
  );
}

/** A flag that does not fit must not be passed over: whoever wrote it takes less to be meant. */
function forbid(
  { url }: FoundLock,
  choice: BreakChoice,
  flags: readonly (keyof typeof FLAGS)[],
  what: string,
): void {
  const flag = flags.find((each) => choice[each] !== undefined);
  if (flag !== undefined) throw new Failure(`${url} is ${what}, with which ${FLAGS[flag]} does not go`);
}

/** Nobody means all who hold something without saying so. */
function demand({ url, kind }: FoundLock, choice: BreakChoice, how: string): void {
  const { slot, resource, leaseId, holder, ifStale } = choice;
  const isSaid = [slot, resource, leaseId, holder].some((value) => value !== undefined) || ifStale === true;
  if (isSaid) return;
  throw new Failure(
    `${url} is a ${kind} and is not broken as a whole: ${how}, whose with --lease-id or --holder, ` +
      'or --if-stale for what dead holders left',
  );
}
