import type { Connection } from '../../connection.ts';
import { listPage } from '../../gcs/listing.ts';
import type { FoundLock, PoolStatus, SemaphoreStatus } from '../../index.ts';
import type { LockFolder } from '../../lock-name.ts';
import { withTimeLimit } from '../../time-limit.ts';
import { tellPermits, tellResources } from '../describe.ts';
import { ignoreOwn } from '../explaining.ts';
import type { Place } from '../place.ts';
import { type Finding, fine, unknown, warning } from './finding.ts';
import { remedyFor } from './remedy.ts';

/** Whether names can be listed, which a lock does without and everything that consists of several locks does not. */
export async function listFinding(
  { bucket, prefix }: LockFolder,
  { endpoint, parts, settings, userProject }: Connection,
  signal: AbortSignal,
): Promise<Finding> {
  const target = { endpoint, bucket, prefix, userProject };
  const outcome = await withTimeLimit({ clock: parts.clock, settings }, signal, (limit) =>
    listPage(target, undefined, parts.transport, limit),
  );
  signal.throwIfAborted();
  if (outcome.kind === 'page') return fine('list', 'works');
  const { failure } = outcome;
  if (failure.kind !== 'permission-denied') return unknown('list', failure.detail, remedyFor(failure));
  return warning(
    'list',
    `is refused: locks, events and rate limiters do without, semaphores and pools do not, nor do list, watch and clean`,
    'grant storage.objects.list (roles/storage.objectUser has it)',
  );
}

/**
 * What is at the very name that was given, where that is one: also what a lock of the same name hides. A store that
 * refuses has been told of elsewhere.
 */
export async function nameFindings(place: Place, signal: AbortSignal): Promise<Finding[]> {
  const { locks, name } = place;
  const [found, semaphore, pool] = await Promise.all([
    seen(() => place.find(signal)),
    seen(() => locks.semaphore(name).status({ signal })),
    seen(() => locks.pool(name).status({ signal })),
  ]);
  const kinds = [...directly(found), ...semaphoreIs(semaphore), ...poolIs(pool)];
  if (kinds.length === 0) return [];
  const told = kinds.join(', and ');
  if (kinds.length === 1) return [fine('at this name', told)];
  return [
    warning(
      'at this name',
      `${told}: who uses one of them does not see who holds the other`,
      'let all who use this name say the same kind, and give the other one a name of its own',
    ),
  ];
}

/** What a look shows; undefined where nothing of the kind is there, or can be: a name may be too long for it. */
async function seen<Status>(look: () => Promise<Status>): Promise<Status | undefined> {
  try {
    return await look();
  } catch (error) {
    return error instanceof RangeError ? undefined : ignoreOwn(error);
  }
}

function directly(found: FoundLock | undefined): string[] {
  switch (found?.kind) {
    case 'held':
      return ['a lock that is held'];
    case 'free':
      return ['a lock that is free'];
    case 'event':
      return ['an event'];
    case 'rate-limiter':
      return ['a rate limiter'];
    default:
      return [];
  }
}

function semaphoreIs(status: SemaphoreStatus | undefined): string[] {
  return status === undefined ? [] : [`a semaphore, ${tellPermits(status)}`];
}

function poolIs(status: PoolStatus | undefined): string[] {
  return status === undefined ? [] : [`a pool, ${tellResources(status)}`];
}
