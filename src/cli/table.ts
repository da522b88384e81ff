import stringWidth from 'string-width';
import type { ListedLock, LockStatus } from '../index.ts';
import { holderOf, isInUse, stateOf, tellPermits, tellRate, tellResources, ttlLeftMs } from './describe.ts';
import { tellDuration } from './duration.ts';
import { cutTo, type TextTarget } from './columns.ts';
import { paint } from './paint.ts';
import { oneLine } from './text.ts';

const HEAD = ['NAME', 'HOLDER', 'HELD FOR', 'REFRESHED', 'TTL LEFT', 'STATE'] as const;
/** Between two columns. */
const GAP = 2;
/** The narrowest that a name or a label is cut to. */
const NARROWEST = 8;

/** The column of holders, and the last of those that say something of one. */
const HOLDER = 1;
const TTL_LEFT = 4;

interface Row {
  readonly cells: readonly string[];
  /** Whether it has no holder but a summary, which has the room of all columns that say something of one. */
  readonly isSummed: boolean;
  /** Whether it is drawn faintly, as what nobody uses. */
  readonly isFaint: boolean;
}

const HEAD_ROW: Row = { cells: HEAD, isSummed: false, isFaint: false };

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
  target: TextTarget,
  now: number = Date.now(),
): string {
  const rows = locks.map((lock): Row => {
    const isSummed = lock.kind !== 'held';
    const cells = isSummed ? [summaryOf(lock), '', '', ''] : heldCells(lock.status, now);
    return { cells: [lock.name, ...cells, stateOf(lock)], isSummed, isFaint: !isInUse(lock) };
  });
  return draw(rows, target);
}

/** The locks of a semaphore or a pool, in the same way. */
export function memberTable(
  members: readonly Member[],
  target: TextTarget,
  now: number = Date.now(),
): string {
  const rows = members.map(({ name, status, state }): Row => {
    const cells = status === undefined ? ['', '', '', ''] : heldCells(status, now);
    return { cells: [name, ...cells, state], isSummed: false, isFaint: status === undefined };
  });
  return draw(rows, target);
}

function draw(rows: readonly Row[], target: TextTarget): string {
  const all = [HEAD_ROW, ...rows];
  // A terminal without a size cuts nothing.
  const widths = fit(all, (target.isTTY === true && target.columns) || undefined);
  const [head = '', ...lines] = all.map((row) => lineOf(row, widths));
  const body = lines.map((line, index) =>
    rows[index]?.isFaint === true ? paint('dim', line, target) : line,
  );
  return [paint('bold', head, target), ...body, ''].join('\n');
}

function lineOf({ cells, isSummed }: Row, widths: readonly number[]): string {
  const shown = cells.map((cell, index) => ({ cell, width: widths[index] ?? 0 }));
  if (isSummed) {
    const cell = cells[HOLDER] ?? '';
    shown.splice(HOLDER, TTL_LEFT - HOLDER + 1, { cell, width: summaryWidth(widths) });
  }
  return shown
    .map(({ cell, width }) => padTo(cutTo(cell, width), width))
    .join(' '.repeat(GAP))
    .trimEnd();
}

function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

function summaryWidth(widths: readonly number[]): number {
  return widths.slice(HOLDER, TTL_LEFT + 1).reduce((sum, width) => sum + width + GAP, -GAP);
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
function fit(rows: readonly Row[], columns: number | undefined): number[] {
  const widthOf = (row: Row, index: number): number => stringWidth(oneLine(row.cells[index] ?? ''));
  const widths = HEAD.map((_head, index) =>
    Math.max(...rows.map((row) => (row.isSummed && index === HOLDER ? 0 : widthOf(row, index)))),
  );
  const longest = Math.max(0, ...rows.filter((row) => row.isSummed).map((row) => widthOf(row, HOLDER)));
  widths[HOLDER] = (widths[HOLDER] ?? 0) + Math.max(0, longest - summaryWidth(widths));
  if (columns === undefined) return widths;
  let excess = widths.reduce((sum, width) => sum + width + GAP, -GAP) - columns;
  while (excess > 0) {
    const widest = (widths[0] ?? 0) >= (widths[HOLDER] ?? 0) ? 0 : HOLDER;
    const width = widths[widest] ?? 0;
    if (width <= NARROWEST) break;
    widths[widest] = width - 1;
    excess -= 1;
  }
  return widths;
}
