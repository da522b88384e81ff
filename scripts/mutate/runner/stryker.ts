// What Stryker asks of a test runner: https://stryker-mutator.io/docs/stryker-js/guides/create-a-plugin
// Its own declarations do not compile under this project's options.

/** How often each mutant was reached, by its id: while modules were loaded, and by each test. */
export interface MutantCoverage {
  static: Record<string, number>;
  perTest: Record<string, Record<string, number>>;
}

/** As a test came out: 0 passed, 1 failed. */
export type TestResult = {
  readonly id: string;
  readonly name: string;
  readonly fileName: string;
  readonly timeSpentMs: number;
} & ({ readonly status: 0 } | { readonly status: 1; readonly failureMessage: string });

/** What the tests say of the code as it is, and which mutants each reaches. */
export interface DryRunResult {
  readonly status: 'complete';
  readonly tests: readonly TestResult[];
  readonly mutantCoverage?: MutantCoverage | undefined;
}

export interface MutantRunOptions {
  readonly activeMutant: { readonly id: string };
  /** The ids of the tests that reach it; all tests where there is none. */
  readonly testFilter?: readonly string[];
  /** Beyond this many times the mutant runs in a circle. */
  readonly hitLimit?: number;
  /** `static`: it is in what modules do when they are loaded, and must be active then. */
  readonly mutantActivation: 'runtime' | 'static';
}

export type MutantRunResult =
  | { readonly status: 'survived'; readonly nrOfTests: number }
  | {
      readonly status: 'killed';
      readonly killedBy: string[];
      readonly failureMessage: string;
      readonly nrOfTests: number;
    }
  | { readonly status: 'timeout'; readonly reason: string }
  | { readonly status: 'error'; readonly errorMessage: string };

export interface TestRunner {
  /** `reloadEnvironment`: it can load the code anew. */
  capabilities(): { readonly reloadEnvironment: boolean };
  init(): Promise<void>;
  dryRun(): Promise<DryRunResult>;
  mutantRun(options: MutantRunOptions): Promise<MutantRunResult>;
  dispose(): Promise<void>;
}
