import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bug, BUGS } from './bugs.ts';
import { tableOf, writeTable } from './report.ts';

const EVIDENCE = fileURLToPath(new URL('../../../docs/evidence.md', import.meta.url));

const change = { module: 'lease', text: 'a', instead: 'b' };
const PLANTED: readonly Bug[] = [
  { name: 'one', ...change },
  { name: 'two', ...change, coveredBy: 'three looks too' },
  { name: 'two, and three', ...change, also: { ...change, module: 'driver' } },
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gcs-mutex-report-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the table of planted bugs', () => {
  it('says of each what finds it, or why nothing does', () => {
    const found = { what: 'it breaks', where: 'seed 7' };
    const table = tableOf(
      PLANTED,
      new Map([
        ['one', { explored: found, mostWorlds: 10 }],
        ['two', { mostWorlds: 20 }],
        ['two, and three', { simulated: found, mostWorlds: 30 }],
      ]),
    );
    expect(table.split('\n').slice(2)).toEqual([
      '| one | `lease` | it breaks (seed 7) | — (10 worlds) |',
      '| two | `lease` | — | — (20 worlds): nothing follows, since three looks too |',
      '| two, and three | `lease`, `driver` | — | it breaks (seed 7) |',
    ]);
  });

  it('takes the place of the one before in a page, and leaves the rest alone', () => {
    const file = join(folder, 'page.md');
    const marks = (mark: string): string => `<!-- npm run planted -- --write: ${mark} -->`;
    writeFileSync(file, `before\n${marks('begin')}\nold\n${marks('end')}\nafter\n`);
    writeTable('new', '1234567', file);
    const page = readFileSync(file, 'utf8');
    expect(page).toMatch(/^before\n.*\n\nMade by .* at commit `1234567`\.\n\nnew\n\n.*\nafter\n$/);
    writeTable('newer', '1234568', file);
    expect(readFileSync(file, 'utf8')).toBe(page.replace('1234567', '1234568').replace('new\n', 'newer\n'));
  });

  it('in docs/evidence.md is of the bugs that there are', () => {
    const page = readFileSync(EVIDENCE, 'utf8');
    const [, table = ''] = page.split(/--write: (?:begin|end) -->/);
    const rows = [...table.matchAll(/^\| (.*?) \| (`.*?`) \|/gm)].map(
      ([, name, modules]) => `${name} ${modules}`,
    );
    const expected = tableOf(BUGS, new Map()).matchAll(/^\| (.*?) \| (`.*?`) \|/gm);
    expect(rows).toEqual([...expected].map(([, name, modules]) => `${name} ${modules}`));
  });
});
