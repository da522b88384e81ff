import stringWidth from 'string-width';
import type { ListedLock, LockStatus } from '../index.ts';
import { holderOf, isInUse, stateOf, tellPermits, tellRate, tellResources, ttlLeftMs } from './describe.ts';
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

/** A row, and whether it is drawn faintly, as what nobody uses. */
interface Row {
  readonly cells: readonly string[];
  readonly isFaint: boolean;
}

/** One of the locks of a semaphore or a pool. */
export interface Member {
  /** The name of the resource, or of the lock of a permit. */
  readonly name: string;
  /** Who holds it, or left it behind. */
  readonly status: LockStatus | undefined;
  /** How it stands, in a word or two. */
  readonly state: string;
}

/** Locks as a table that fits the terminal; elsewhere nothing is cut. */
export function lockTable(
  locks: readonly ListedLock[],
  target: TableTarget,
  now: number = Date.now(),
): string {
  const rows = locks.map((lock): Row => ({ cells: cellsOf(lock, now), isFaint: !isInUse(lock) }));
  return draw(rows, target);
}

/** The locks of a semaphore or a pool, in the same way. */
export function memberTable(
  members: readonly Member[],
  target: TableTarget,
  now: number = Date.now(),
): string {
  const rows = members.map(({ name, status, state }): Row => {
    const cells = status === undefined ? ['', '', '', ''] : heldCells(status, now);
    return { cells: [name, ...cells, state], isFaint: status === undefined };
  });
  return draw(rows, target);
}

function draw(rows: readonly Row[], target: TableTarget): string {
  const cells = [HEAD, ...rows.map((row) => row.cells)];
  const widths = fit(cells, target.isTTY === true ? target.columns : undefined);
  const [head = '', ...lines] = cells.map((row) => lineOf(row, widths));
  const body = lines.map((line, index) =>
    rows[index]?.isFaint === true ? paint('dim', line, target) : line,
  );
  return [paint('bold', head, target), ...body, ''].join('\n');
}

function lineOf(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, index) => {
    const width = widths[index] ?? 0;
    const shown = cutTo(cell, width);
    return shown + ' '.repeat(Math.max(0, width - stringWidth(shown)));
  });
  return cells.join(' '.repeat(GAP)).trimEnd();
}

function cellsOf(lock: ListedLock, now: number): string[] {
  const cells = lock.kind === 'held' ? heldCells(lock.status, now) : [summaryOf(lock), '', '', ''];
  return [lock.name, ...cells, stateOf(lock)];
}

function summaryOf(lock: Exclude<ListedLock, { kind: 'held' }>): string {
  switch (lock.kind) {
    case 'semaphore':
      return tellPermits(lock.status);
    case 'pool':
      return tellResources(lock.status);
    case 'rate-limiter':
      return tellRate(lock.status);
    case 'newer':
      return lock.schema;
    case 'free':
    case 'event':
      return '';
    default:
      return lock satisfies never;
  }
}

function heldCells(status: LockStatus, now: number): string[] {
  return [
    holderOf(status),
    tellDuration(now - status.since.getTime()),
    `${tellDuration(now - status.refreshedAt.getTime())} ago`,
    tellDuration(ttlLeftMs(status, now)),
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
