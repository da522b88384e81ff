import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { CALLS } from './cell.ts';
import { counts, withEvidence } from './evidence.ts';
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

it('docs/evidence.md shows the matrix as it is played', async () => {
  const page = await readFile(PAGE, 'utf8');
  await expect(withEvidence(page), 'To write it: npm run faults -- -u').toMatchFileSnapshot(PAGE);
});
