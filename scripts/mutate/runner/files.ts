import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folders and files of test/ whose tests import the code itself, and take next to no time. */
const FOLDERS = ['protocol', 'driver', 'gcs', 'regressions', 'mutex', 'bucket', 'faults', 'hostile'];

const LEFT_OUT = [
  /\.long\.test\.ts$/,
  // Processes, which run dist/.
  /mutex\/import\.test\.ts$/,
  // What only vitest can do: other modules in place of some, and another date.
  /gcs\/no-auth-library\.test\.ts$|regressions\/wall-clocks\.test\.ts$/,
  // Seconds a test.
  /faults\/(row-29|rows-39-40)\.test\.ts$|faults\/matrix\/|hostile\/fuzz\//,
];

/**
 * The test files to run.
 *
 * @param chosen - the folders or files, such as `gcs` and `driver`; none for all.
 */
export function testFiles(root: string, chosen: readonly string[]): string[] {
  const tests = join(root, 'test');
  return FOLDERS.filter((name) => chosen.length === 0 || chosen.includes(name))
    .flatMap((name) => {
      const file = join(tests, `${name}.test.ts`);
      if (existsSync(file)) return [file];
      return readdirSync(join(tests, name), { recursive: true, encoding: 'utf8' })
        .toSorted()
        .map((found) => join(tests, name, found));
    })
    .filter((file) => file.endsWith('.test.ts') && !LEFT_OUT.some((pattern) => pattern.test(file)));
}
