import stringWidth from 'string-width';
import type { ListedLock } from '../index.ts';
import { holderOf, stateOf, tellPermits, tellRate, tellResources, ttlLeftMs } from './describe.ts';
import { tellDuration } from './duration.ts';
import { cutTo } from './columns.ts';
import { paint } from './paint.ts';
import { oneLine } from './text.ts';

/** Where a table is drawn. */
export interface TableTarget {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const HEAD = ['NAME', 'HOLDER', 'HELD FOR', 'REFRESHED', 'TTL LEFT', 'STATE'] as const;
/** Between two columns. */
const GAP = 2;
/** The narrowest that a name or a label is cut to. */
const NARROWEST = 8;

/** Locks as a table that fits the terminal; elsewhere nothing is cut. */
export function lockTable(
  locks: readonly ListedLock[],
  target: TableTarget,
  now: number = Date.now(),
): string {
  const rows = locks.map((lock) => rowOf(lock, now));
  const widths = fit([[...HEAD], ...rows], target.isTTY === true ? target.columns : undefined);
  const [head = '', ...lines] = [[...HEAD], ...rows].map((row) => lineOf(row, widths));
  const body = lines.map((line, index) => (isInUse(locks[index]) ? line : paint('dim', line, target)));
  return [paint('bold', head, target), ...body, ''].join('\n');
}

function isInUse(lock: ListedLock | undefined): boolean {
  if (lock?.kind === 'semaphore') return lock.status.held + lock.status.stale > 0;
  if (lock?.kind === 'pool') return lock.status.counts.held + lock.status.counts.stale > 0;
  if (lock?.kind === 'rate-limiter') return lock.status.shared + lock.status.spent > 0;
  return lock?.kind === 'held';
}

function lineOf(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, index) => {
    const width = widths[index] ?? 0;
    const shown = cutTo(cell, width);
    return shown + ' '.repeat(Math.max(0, width - stringWidth(shown)));
  });
  return cells.join(' '.repeat(GAP)).trimEnd();
}

function rowOf(lock: ListedLock, now: number): string[] {
  if (lock.kind === 'semaphore') return [lock.name, tellPermits(lock.status), '', '', '', stateOf(lock)];
  if (lock.kind === 'pool') return [lock.name, tellResources(lock.status), '', '', '', stateOf(lock)];
  if (lock.kind === 'rate-limiter') return [lock.name, tellRate(lock.status), '', '', '', stateOf(lock)];
  if (lock.kind !== 'held')
    return [lock.name, lock.kind === 'newer' ? lock.schema : '', '', '', '', stateOf(lock)];
  const { status } = lock;
  return [
    lock.name,
    holderOf(status),
    tellDuration(now - status.since.getTime()),
    `${tellDuration(now - status.refreshedAt.getTime())} ago`,
    tellDuration(ttlLeftMs(status, now)),
    stateOf(lock),
  ];
}

/** How wide each column is: as its widest cell, but names and labels give way where the terminal is narrow. */
function fit(rows: readonly (readonly string[])[], columns: number | undefined): number[] {
  const widths = HEAD.map((_head, index) =>
    Math.max(...rows.map((row) => stringWidth(oneLine(row[index] ?? '')))),
  );
  if (columns === undefined) return widths;
  let excess = widths.reduce((sum, width) => sum + width + GAP, -GAP) - columns;
  while (excess > 0) {
    const widest = (widths[0] ?? 0) >= (widths[1] ?? 0) ? 0 : 1;
    const width = widths[widest] ?? 0;
    if (width <= NARROWEST) break;
    widths[widest] = width - 1;
    excess -= 1;
  }
  return widths;
}
