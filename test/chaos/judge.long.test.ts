import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { check } from './checker.ts';
import { writeHistory } from './history.ts';
import { judge, judgeMissing } from './judge.ts';
import { FACTS, PLANTED } from './planted-histories.ts';

const missing = judgeMissing();
if (missing !== undefined) {
  const message = `the judge of chaos runs cannot be tried: ${missing}`;
  if (process.env['GCS_MUTEX_REQUIRE_SERVERS'] === '1') throw new Error(message);
  process.stderr.write(`\nSKIPPED: ${message}.\n\n`);
}

let lines: readonly string[];
beforeAll(async () => {
  if (missing !== undefined) return;
  const scratch = mkdtempSync(join(tmpdir(), 'gcs-mutex-judge-'));
  const paths = PLANTED.map(({ events }, index) => {
    const path = join(scratch, `${index}.json`);
    writeHistory(path, { facts: FACTS, events, ...check(FACTS, events) });
    return path;
  });
  const ruling = await judge(paths, scratch);
  rmSync(scratch, { recursive: true });
  if (ruling.kind === 'absent') throw new Error(ruling.why);
  expect(ruling.isClean, 'some of the histories are broken').toBe(false);
  lines = ruling.text.split('\n');
});

describe.skipIf(missing !== undefined)('the judge in Go', () => {
  for (const [index, { name, overlaps, lostUpdates, lateWrites }] of PLANTED.entries()) {
    const isClean = overlaps + lostUpdates === 0;
    it(`${isClean ? 'accepts' : 'refuses'} ${name}`, () => {
      expect(lines[index]).toMatch(isClean ? /: the history of a mutex/ : /: NOT the history of a mutex/);
      expect(lines[index]).toContain(`${lateWrites} writes late`);
    });
  }
});
