import { describe, expect, it } from 'vitest';
import { CannotBegin } from '../../scripts/command-line.ts';
import { PARTS, readSettings } from '../../scripts/mutate/args.ts';
import { formatRow, readExplained } from '../../scripts/mutate/explained.ts';
import {
  judge,
  type Mutant,
  outdated,
  type Report,
  score,
  sum,
  withoutStaticSurvivors,
} from '../../scripts/mutate/report.ts';
import { formatGoals } from '../../scripts/mutate/table.ts';

const FILE = 'src/protocol/made-up.ts';
const SOURCE = ['export function f(a: boolean, b: string) {', "  return a || b === '|`';", '}', ''].join(
  '\n',
);

function mutant(status: string, [line, from, to]: readonly number[], replacement: string): Mutant {
  return {
    status,
    replacement,
    location: { start: { line: line ?? 0, column: from ?? 0 }, end: { line: line ?? 0, column: to ?? 0 } },
  };
}

function report(...mutants: readonly Mutant[]): Report {
  return { files: { [FILE]: { source: SOURCE, mutants } } };
}

const SURVIVOR = mutant('Survived', [2, 12, 13], '&&');
const KILLED_STATIC = { ...mutant('Killed', [2, 12, 13], '&&'), static: true };
const ALIVE = report(
  mutant('Killed', [2, 10, 24], 'true'),
  mutant('Timeout', [2, 10, 24], 'false'),
  mutant('RuntimeError', [2, 10, 24], 'b'),
  mutant('Survived', [2, 10, 11], 'false'),
  mutant('NoCoverage', [2, 10, 11], 'true'),
);

describe('the verdict on a run of mutants', () => {
  it('counts what the tests noticed, and leaves out what they could not run on', () => {
    const [verdict] = judge(ALIVE, []);
    expect(verdict?.figures).toEqual({
      killed: 1,
      timedOut: 1,
      survived: 1,
      uncovered: 1,
      explained: 0,
      broken: 1,
    });
    expect(score(sum(judge(ALIVE, [])), false)).toBe(50);
  });

  it('misses its goals by a survivor in the protocol, and reaches them once it is explained', () => {
    const killed = Array.from({ length: 99 }, () => mutant('Killed', [2, 10, 11], 'true'));
    const made = report(...killed, SURVIVOR);
    const verdicts = judge(made, []);
    expect(formatGoals(verdicts).isReached).toBe(false);
    expect(formatGoals(verdicts).text).toContain('src/protocol/: 99.00 %, must be 100 %');
    const explained = judge(made, verdicts[0]?.unexplained ?? []);
    expect(formatGoals(explained).isReached).toBe(true);
    expect(score(sum(explained), false)).toBe(99);
  });

  it('refuses a status that it does not know', () => {
    expect(() => judge(report(mutant('Vanished', [2, 10, 11], 'true')), [])).toThrow('Vanished');
  });

  it('lets a next run try survivors again that no test is known to reach', () => {
    const uncovered = { ...mutant('NoCoverage', [2, 12, 13], '&&'), static: true };
    const statics = [{ ...SURVIVOR, static: true }, uncovered];
    const made = { ...report(...statics, SURVIVOR, KILLED_STATIC), testFiles: {} };
    const kept = withoutStaticSurvivors(made);
    expect(kept).toEqual({ ...report(SURVIVOR, KILLED_STATIC), testFiles: {} });
  });

  it('finds the explanations that explain nothing any more', () => {
    const explained = judge(ALIVE, [])[0]?.unexplained ?? [];
    expect(explained).toHaveLength(2);
    expect(outdated(ALIVE, explained)).toEqual([]);
    const killed = report(mutant('Killed', [2, 10, 11], 'false'), mutant('NoCoverage', [2, 10, 11], 'true'));
    expect(outdated(killed, explained)).toEqual([explained[0]]);
    expect(outdated({ files: {} }, explained)).toEqual([]);
  });
});

describe('the list of explained survivors', () => {
  it('is read from the rows of a page as they are written there', () => {
    const [survivor] =
      judge(report(mutant('Survived', [2, 10, 24], "a && b === '|`'")), [])[0]?.unexplained ?? [];
    expect(survivor).toEqual({
      file: FILE,
      code: "return a || b === '|`';",
      becomes: "return a && b === '|`'';",
    });
    if (survivor === undefined) return;
    const row = formatRow(survivor).replace(/\|$/, 'nobody calls it so |');
    const page = ['| file | code | becomes | why |', '| --- | --- | --- | --- |', row, 'Some text.'].join(
      '\n',
    );
    expect(readExplained(page)).toEqual([{ ...survivor, why: 'nobody calls it so |'.slice(0, -2) }]);
  });
});

describe('the command line', () => {
  it('runs all parts, each with the tests closest to it, and at last all tests on what is left', () => {
    expect(readSettings([])).toEqual({ parts: PARTS, isForced: false });
    expect(PARTS.map(({ tests }) => tests.length > 0)).toEqual([true, true, true, false]);
    expect(readSettings(['--part', 'gcs', '--force'])).toEqual({ parts: [PARTS[1]], isForced: true });
    expect(readSettings(['--report'])).toEqual({ parts: [], isForced: false });
  });

  it.each([['--part', 'nothing'], ['--prat', 'gcs'], ['gcs']])('refuses %s %s', (...args) => {
    expect(() => readSettings(args)).toThrow(CannotBegin);
  });
});
