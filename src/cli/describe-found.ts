import type {
  FoundLock,
  LockStatus,
  PoolStatus,
  RateStatus,
  ResourceStatus,
  SemaphoreStatus,
} from '../index.ts';
import { leavingsOf, type ListedGroup } from '../factory/leavings.ts';
import { tellRows, tellSentence, type TextTarget } from './columns.ts';
import { ago, holderOf, tellPermits, tellRate, tellResources, tellStale } from './describe.ts';
import { tellDuration } from './duration.ts';
import { memberTable, type Member } from './table.ts';

/** What is at a URL, in a line or a few, or with a table. */
export function tellFound(
  url: string,
  found: FoundLock | undefined,
  target: TextTarget,
  now: number = Date.now(),
): string {
  const say = (what: string): string => tellSentence(`${url} is ${what}`, target);
  switch (found?.kind) {
    case undefined:
    case 'free':
      return say('free');
    case 'held':
      return tellStatus(url, found.status, target, now);
    case 'semaphore':
      return (
        say(`a semaphore: ${tellPermits(found.status)}${tellRoom(found.status)}`) +
        tableOf(found, target, now)
      );
    case 'pool':
      return (
        say(`a pool: ${tellResources(found.status)}${tellLeft(found.status)}`) + tableOf(found, target, now)
      );
    case 'rate-limiter':
      return say(`a rate limiter: ${tellRate(found.status)}`) + tellRows(rowsOf(found.status, now), target);
    case 'event': {
      const { isSet, since, setCount, payload } = found.status;
      const times = setCount === 1 ? 'once' : `${setCount} times`;
      const said = `${isSet ? 'set' : 'cleared'} since ${since.toISOString()} (${ago(since, now)}), set ${times} so far`;
      return say(`an event, ${said}`) + (payload === '' ? '' : tellRows([['payload', payload]], target));
    }
    default:
      return found satisfies never;
  }
}

/** The same for programs. */
export function describeFound(lock: string, found: FoundLock | undefined): object {
  if (found === undefined || found.kind === 'free') return { lock, state: 'free' };
  if (found.kind === 'held') return { lock, state: 'held', ...found.status };
  const { url: _url, name: _name, kind, status, ...more } = found;
  return { lock, kind, ...more, ...status };
}

/** Who has how much of a rate limiter, and when there is more. */
function rowsOf({ available, spent, nextFreeAt, processes }: RateStatus, now: number): [string, string][] {
  const next = (moment: Date): [string, string] => [
    'more',
    `at ${moment.toISOString()} (in ${tellDuration(moment.getTime() - now)})`,
  ];
  return [
    ['available', String(available)],
    ['spent', String(spent)],
    ...(nextFreeAt === undefined ? [] : [next(nextFreeAt)]),
    ...processes.map(({ id, count, wanted, refreshedAt, isStale }): [string, string] => {
      const share = count === 0 ? 'waits in line' : `may take ${count}`;
      return [
        'process',
        `${id} ${share}, wants ${wanted}, wrote ${ago(refreshedAt, now)}${isStale ? ', dead' : ''}`,
      ];
    }),
  ];
}

function tableOf(group: ListedGroup, target: TextTarget, now: number): string {
  const members = membersOf(group);
  return members.length === 0 ? '' : memberTable(members, target, now);
}

/** Each permit that somebody has, or each resource. */
function membersOf(group: ListedGroup): Member[] {
  if (group.kind === 'pool') return group.status.resources.map(memberOf);
  return leavingsOf(group).left.map(({ below, status }) => ({
    name: below,
    status,
    state: status.isStale ? 'stale' : 'held',
  }));
}

function memberOf({ resource, state, holder, isMember }: ResourceStatus): Member {
  return { name: resource, status: holder, state: isMember ? state : `${state}, removed` };
}

function tellRoom({ free, available, unusable }: SemaphoreStatus): string {
  const odd = unusable === 0 ? '' : `, ${unusable} unusable`;
  return `, ${free} free${odd}; ${available} can be had now`;
}

function tellLeft({ counts }: PoolStatus): string {
  const odd = counts.unusable === 0 ? '' : `, ${counts.unusable} unusable`;
  return `, ${counts.free} free${odd}`;
}

/** Who holds a lock, in a few lines. */
function tellStatus(url: string, status: LockStatus, target: TextTarget, now: number): string {
  const rows: [string, string][] = [
    ['since', `${status.since.toISOString()} (${ago(status.since, now)})`],
    ['refreshed', `${status.refreshedAt.toISOString()} (${ago(status.refreshedAt, now)})`],
    ['ttl', `${tellDuration(status.ttlMs)}: ${tellStale(status, now)}`],
    ['lease id', status.leaseId],
    ['version', `${status.version.generation}/${status.version.metageneration}`],
    ...Object.entries(status.metadata).map(([key, value]): [string, string] => [key, value]),
  ];
  return tellSentence(`${url} is held by ${holderOf(status)}`, target) + tellRows(rows, target);
}
