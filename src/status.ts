import type { SeenObject } from './protocol/outcome.ts';
import { timeUntilStale } from './protocol/stale.ts';
import type { StaleRules } from './protocol/stale.ts';

/** Which state of a lock object is meant: both numbers together, opaque decimal strings. */
export interface LockVersion {
  readonly generation: string;
  readonly metageneration: string;
}

/** What a lock's object says, by one read. All times are the server's. */
export interface LockStatus {
  /** The holder's label, for people; printable ASCII. */
  readonly holder: string;
  /** The random id of the acquisition that holds it: 32 hexadecimal digits. */
  readonly leaseId: string;
  /** Since when it is held. */
  readonly since: Date;
  /** When the holder last refreshed it. */
  readonly refreshedAt: Date;
  /** How long after `refreshedAt` it may be taken over, milliseconds; what its holder chose. */
  readonly ttlMs: number;
  /** Whether others may take it over now, by the server's clocks. */
  readonly isStale: boolean;
  /** What `breakLock({ ifVersion })` takes. */
  readonly version: LockVersion;
  /** The holder's own strings. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** How long a record has been stale by the server's clocks, milliseconds; 0 where it is not. */
export function staleForMs(
  { serverTime }: Pick<SeenObject, 'serverTime'>,
  { refreshedAt, ttlMs, isStale }: Pick<LockStatus, 'refreshedAt' | 'ttlMs' | 'isStale'>,
  { clockSkewMs }: Pick<StaleRules, 'clockSkewMs'>,
): number {
  const staleAt = refreshedAt.getTime() + ttlMs + clockSkewMs;
  return isStale ? Math.max(0, (serverTime ?? staleAt) - staleAt) : 0;
}

/** The status that a live object shows, or undefined where it is free or no record. */
export function statusOf(object: SeenObject, rules: StaleRules): LockStatus | undefined {
  if (object.content.kind !== 'record' || object.content.record.state === 'free') return undefined;
  const { record } = object.content;
  return {
    holder: record.holder,
    leaseId: record.leaseId,
    since: new Date(object.createdAt),
    refreshedAt: new Date(object.updatedAt),
    ttlMs: record.ttlMs,
    isStale: timeUntilStale(object, { ...rules, takeover: 'server-clock' }, 0, 0, false) === 0,
    version: object.version,
    metadata: record.metadata,
  };
}

/** Of several holders the one whose record may be taken over first. */
export function firstToEnd<Status extends LockStatus>(holders: readonly Status[]): Status | undefined {
  const endMs = ({ refreshedAt, ttlMs }: LockStatus): number => refreshedAt.getTime() + ttlMs;
  return holders.toSorted((one, other) => endMs(one) - endMs(other))[0];
}
