import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { CALLS } from './cell.ts';
import { counts, withEvidence } from './evidence.ts';
import { KIN_PLACES } from './kin/cells.ts';
import { KEYS } from './kin/columns.ts';
import { kinEvidence } from './kin/evidence.ts';
import { KIN_MATRIX } from './kin/table.ts';
import { PLACES } from './places.ts';
import { MATRIX } from './table.ts';

const PAGE = fileURLToPath(new URL('../../../docs/evidence.md', import.meta.url));
const ROWS = Array.from({ length: 29 }, (_, index) => index + 1);

it('the matrix has each row, call and moment once: played, or with why it makes no sense', () => {
  const wanted = ROWS.flatMap((row) =>
    CALLS.flatMap((call) => [`${row} ${call} before`, `${row} ${call} after`]),
  );
  expect(PLACES.map(({ row, call, when }) => `${row} ${call} ${when}`)).toEqual(wanted);
  for (const { before, after } of MATRIX) {
    for (const side of [before, after]) expect(Object.keys(side).toSorted()).toEqual([...CALLS].toSorted());
  }
  for (const { cell } of PLACES) expect(cell.length).toBeGreaterThan(0);
  const { played, ways, senseless } = counts();
  expect(played + senseless).toBe(290);
  process.stdout.write(
    `matrix of faults: ${played} cells played in ${ways} ways, ${senseless} named as making no sense\n`,
  );
});

it('the matrix of what is built on the lock has each row, call and moment once', () => {
  const rows = KIN_MATRIX.map(({ row }) => row);
  expect(rows).toEqual([...new Set(rows)]);
  expect(rows.every((row) => ROWS.includes(row))).toBe(true);
  for (const { before, after } of KIN_MATRIX)
    for (const side of [before, after]) expect(Object.keys(side).toSorted()).toEqual([...KEYS].toSorted());
  for (const { cell } of KIN_PLACES) expect(cell.length).toBeGreaterThan(0);
  const { played, ways, senseless } = counts(KIN_PLACES);
  expect(played + senseless).toBe(2 * KEYS.length * rows.length);
  process.stdout.write(
    `semaphore, pool, event, rate limiter: ${played} cells played in ${ways} ways, ${senseless} named as making no sense\n`,
  );
});

it('docs/evidence.md shows both as they are played', async () => {
  const page = await readFile(PAGE, 'utf8');
  const written = withEvidence(withEvidence(page), kinEvidence(), 'matrix of what is built on the lock');
  await expect(written, 'To write it: npm run faults -- -u').toMatchFileSnapshot(PAGE);
});
