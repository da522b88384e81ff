import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Every file that git tracks or would track. */
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(ROOT + path));

const read = (path: string): string => readFileSync(ROOT + path, 'utf8');
const matching = (pattern: RegExp): string[] => FILES.filter((path) => pattern.test(path));

/** The lines of some files in which a pattern occurs, as `path:line`. */
function linesWith(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
}

describe('house rules', () => {
  const code = matching(/^(src|emulator)\/.*\.ts$/);

  it('finds the code', () => {
    expect(code.length).toBeGreaterThan(40);
  });

  it('keeps time, chance and the process out of the pure protocol', () => {
    const pure = code.filter((path) => path.startsWith('src/protocol/'));
    const impure =
      /Date\.now|new Date|Math\.random|setTimeout|setInterval|performance\.|process\.|from 'node:/;
    expect(linesWith(pure, impure)).toEqual([]);
  });

  it('keeps from the lock that anything is built on it', () => {
    const lock = code.filter((path) => /^src\/(?!index|any-error)[^/]+\.ts$/.test(path));
    expect(lock).toContain('src/mutex.ts');
    expect(linesWith(lock, /from '\.\/(semaphore|pool|rate|event|group|factory)\//)).toEqual([]);
  });

  it('never prints and never exits in the library', () => {
    const library = code.filter((path) => !path.startsWith('src/cli/'));
    expect(linesWith(library, /console\.|process\.(exit|abort|stdout|stderr)|\.on\('unhandled/)).toEqual([]);
  });

  it('silences neither the types nor the linter', () => {
    expect(
      linesWith(code, /\bas any\b|: any\b|@ts-(ignore|expect-error|nocheck)|(eslint|oxlint)-disable/),
    ).toEqual([]);
  });

  it('exports names one by one', () => {
    expect(linesWith(code, /export \* from|export default/)).toEqual([]);
  });

  it('keeps a file to 300 lines', () => {
    const long = code.filter((path) => read(path).split('\n').length > 301);
    expect(long).toEqual([]);
  });

  it('focuses, skips and retries no test', () => {
    const tests = matching(/^test\/.*\.ts$/).filter((path) => path !== 'test/tidy.test.ts');
    expect(
      linesWith(tests, /\b(it|test|describe)\.(only|skip|todo|fails)\b|(?<!retryConfig: \{ )\bretry: *[1-9]/),
    ).toEqual([]);
  });

  it('has no unfinished marks', () => {
    const all = matching(/\.(ts|mjs|md|sh|yaml|json)$/).filter((path) => path !== 'test/tidy.test.ts');
    expect(linesWith(all, /\bTODO\b|\bFIXME\b|\bXXX\b/)).toEqual([]);
  });

  it('links to pages that are there', () => {
    const broken = matching(/\.md$/).flatMap((page) => {
      const folder = new URL(page, `file://${ROOT}`);
      return [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, target = '']) => new URL(target, folder))
        .filter((target) => !existsSync(target))
        .map((target) => `${page}: ${target.pathname}`);
    });
    expect(broken).toEqual([]);
  });

  it('numbers its decisions without a gap', () => {
    const numbers = matching(/^docs\/decisions\/\d{4}-.*\.md$/).map((path) => Number(path.slice(15, 19)));
    expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
    expect(numbers.length).toBeGreaterThan(3);
  });
});
