/** A mutant as Stryker's report has it, as far as it is read here. */
export interface Mutant {
  readonly status: string;
  readonly replacement?: string;
  /** Whether it is in what a module does when it is loaded. */
  readonly static?: boolean;
  readonly location: { readonly start: Position; readonly end: Position };
}

/** Both from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** Stryker's JSON report: https://github.com/stryker-mutator/mutation-testing-elements */
export interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

/** A mutant that no test has killed: the line of code that it changes, and what that becomes. */
export interface Survivor {
  readonly file: string;
  readonly code: string;
  readonly becomes: string;
}

/** How many mutants of a file, or of several, came to which end. */
export interface Figures {
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  readonly uncovered: number;
  /** Of the survivors and the uncovered: those of which the list says why no test can tell them. */
  readonly explained: number;
  /** The tests could not be run on them: they prove nothing. */
  readonly broken: number;
}

const STATUS: Readonly<Record<string, keyof Figures>> = {
  Killed: 'killed',
  Timeout: 'timedOut',
  Survived: 'survived',
  NoCoverage: 'uncovered',
  CompileError: 'broken',
  RuntimeError: 'broken',
};

const NONE: Figures = { killed: 0, timedOut: 0, survived: 0, uncovered: 0, explained: 0, broken: 0 };

/** What a report says of one file, with the survivors that are not explained. */
export interface FileVerdict {
  readonly file: string;
  readonly figures: Figures;
  readonly unexplained: readonly Survivor[];
}

/** What a report says of each file, given the survivors that are explained. */
export function judge(report: Report, explained: readonly Survivor[]): FileVerdict[] {
  const known = new Set(explained.map(keyOf));
  return Object.entries(report.files)
    .map(([file, { source, mutants }]) => {
      const survivors = mutants.filter(isAlive).map((mutant) => survivorOf(file, source, mutant));
      const unexplained = survivors.filter((survivor) => !known.has(keyOf(survivor)));
      const figures = { ...count(mutants), explained: survivors.length - unexplained.length };
      return { file, figures, unexplained };
    })
    .toSorted((one, other) => one.file.localeCompare(other.file));
}

/** The explanations that explain nothing any more, of the files that a report is about. */
export function outdated(report: Report, explained: readonly Survivor[]): Survivor[] {
  const alive = new Set(
    Object.entries(report.files).flatMap(([file, { source, mutants }]) =>
      mutants.filter(isAlive).map((mutant) => keyOf(survivorOf(file, source, mutant))),
    ),
  );
  return explained.filter((survivor) => survivor.file in report.files && !alive.has(keyOf(survivor)));
}

/**
 * What a next run, or a next part with other tests, may go on from. Nobody notes which tests look at what a module made when it was loaded, so that Stryker
 * does not see that a new test may kill a mutant there.
 */
export function withoutStaticSurvivors(report: Report): Report {
  const files = Object.entries(report.files).map(([file, of]) => [
    file,
    { ...of, mutants: of.mutants.filter((mutant) => mutant.static !== true || !isAlive(mutant)) },
  ]);
  return { ...report, files: Object.fromEntries(files) };
}

function isAlive({ status }: Mutant): boolean {
  return status === 'Survived' || status === 'NoCoverage';
}

/** The figures of several files together. */
export function sum(verdicts: readonly FileVerdict[]): Figures {
  const total = (key: keyof Figures): number => verdicts.reduce((all, { figures }) => all + figures[key], 0);
  return {
    killed: total('killed'),
    timedOut: total('timedOut'),
    survived: total('survived'),
    uncovered: total('uncovered'),
    explained: total('explained'),
    broken: total('broken'),
  };
}

/** Percent of the mutants that the tests noticed; the explained ones are left out if asked for. */
export function score(figures: Figures, isExplained: boolean): number {
  const { killed, timedOut, survived, uncovered, explained } = figures;
  const all = killed + timedOut + survived + uncovered - (isExplained ? explained : 0);
  return all === 0 ? 100 : (100 * (killed + timedOut)) / all;
}

function count(mutants: readonly Mutant[]): Figures {
  const figures = { ...NONE };
  for (const { status } of mutants) {
    const kind = STATUS[status];
    if (kind === undefined) throw new Error(`a mutant of unknown status: ${status}`);
    figures[kind] += 1;
  }
  return figures;
}

function survivorOf(file: string, source: string, { location, replacement = '' }: Mutant): Survivor {
  const lines = source.split('\n');
  const first = lines[location.start.line - 1] ?? '';
  const last = lines[location.end.line - 1] ?? '';
  const changed =
    first.slice(0, location.start.column - 1) + replacement + last.slice(location.end.column - 1);
  return { file, code: oneLine(first), becomes: oneLine(changed) };
}

function oneLine(code: string): string {
  return code.replaceAll(/\s+/g, ' ').trim();
}

function keyOf({ file, code, becomes }: Survivor): string {
  return JSON.stringify([file, code, becomes]);
}
