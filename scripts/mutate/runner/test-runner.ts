import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { relative } from 'node:path';
import { configureGlobal } from 'fast-check';
import { Environment } from './environment.ts';
import { Execution, type Result } from './execution.ts';
import { testFiles } from './files.ts';
import type { CollectedTest } from './stand-in.ts';
import type {
  DryRunResult,
  MutantCoverage,
  MutantRunOptions,
  MutantRunResult,
  TestResult,
  TestRunner,
} from './stryker.ts';

/** What the code that Stryker has changed looks at, and writes down. */
interface Switch {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: MutantCoverage;
}

const mutants: Switch = {};

/** How long a test may take while no mutant is active. */
const DRY_LIMIT_MS = 120_000;

/** The test files, the quickest first, in the folder in which Stryker runs all its processes. */
const ORDER_FILE = '.stryker-order.json';

/**
 * Runs tests for Stryker in its own process, where the code and the tests are loaded once and for all mutants but those in what
 * a module does when it is loaded.
 *
 * A test that failed counts only if it passes without the mutant, and fails again with it: what an earlier mutant left behind
 * kills nothing. For a mutant in what a module does when it is loaded all is loaded anew for the first of these, which is enough.
 */
export class InProcessTestRunner implements TestRunner {
  readonly #root = process.cwd();
  #files = testFiles(this.#root, (process.env['MUTATE_TESTS'] ?? '').split(',').filter(Boolean));
  readonly #execution = new Execution();
  #environment: Environment | undefined;
  /** Something is left of an earlier mutant. */
  #isDirty = false;

  capabilities(): { readonly reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    Reflect.set(globalThis, '__stryker__', mutants);
    // Whether a mutant survives is no matter of luck, and nobody reads a shortened counterexample.
    configureGlobal({ seed: 20, endOnFailure: true });
    this.#environment = await Environment.open(this.#root);
  }

  async dispose(): Promise<void> {
    await this.#environment?.close();
  }

  async dryRun(): Promise<DryRunResult> {
    const results: TestResult[] = [];
    for (const file of this.#files) {
      mutants.currentTestId = undefined;
      for (const test of await this.#testsOf(file)) {
        // What the test leaves running counts as its own until the next one begins.
        mutants.currentTestId = test.id;
        const startedAt = performance.now();
        const result = await this.#execution.run(test, DRY_LIMIT_MS);
        results.push(testResult(test, result, performance.now() - startedAt));
      }
    }
    await this.#execution.leaveAll();
    this.#noteOrder(results);
    return { status: 'complete', tests: results, mutantCoverage: mutants.mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    mutants.currentTestId = undefined;
    mutants.hitLimit = options.hitLimit;
    if (existsSync(ORDER_FILE)) this.#files = JSON.parse(readFileSync(ORDER_FILE, 'utf8'));
    const first = await this.#try(options);
    if (first.status !== 'error') return first;
    this.#isDirty = true;
    return this.#try(options);
  }

  /** @returns an error where a test fails without the mutant, too. */
  async #try(options: MutantRunOptions): Promise<MutantRunResult> {
    const isStatic = options.mutantActivation === 'static';
    if (isStatic || this.#isDirty) this.#environment?.reload();
    this.#isDirty = isStatic;
    const filter = options.testFilter === undefined ? undefined : new Set(options.testFilter);
    const mutant = options.activeMutant.id;
    let nrOfTests = 0;
    for (const file of this.#files) {
      if (filter !== undefined && !options.testFilter?.some((id) => id.startsWith(`${this.#name(file)}#`)))
        continue;
      mutants.activeMutant = isStatic ? mutant : undefined;
      const tests = await this.#testsOf(file).catch((error: unknown) => {
        // The mutant may have made it impossible to load its module.
        if (isStatic) return String(error);
        throw error;
      });
      if (typeof tests === 'string') return killed([`${this.#name(file)}#`], tests, nrOfTests);
      for (const collected of tests) {
        if (filter !== undefined && !filter.has(collected.id)) continue;
        nrOfTests += 1;
        const test = await this.#asLoadedNow(collected);
        const result = await this.#runWith(mutant, test);
        if (result.kind === 'passed') continue;
        const end = await this.#confirm(test, result, mutant, isStatic, nrOfTests);
        if (end !== undefined) return end;
      }
    }
    await this.#settle();
    return { status: 'survived', nrOfTests };
  }

  async #runWith(mutant: string | undefined, test: CollectedTest): Promise<Result> {
    mutants.activeMutant = mutant;
    mutants.hitCount = 0;
    return this.#execution.run(test);
  }

  /** What it means that a test did not pass; undefined where it has to do with the mutant only by chance. */
  async #confirm(
    test: CollectedTest,
    result: Result,
    mutant: string,
    isStatic: boolean,
    nrOfTests: number,
  ): Promise<MutantRunResult | undefined> {
    const isOverHits = (mutants.hitCount ?? 0) > (mutants.hitLimit ?? Infinity);
    if (isOverHits || result.kind === 'hung') this.#isDirty = true;
    await this.#settle();
    if (this.#isDirty) this.#environment?.reload();
    let same = await this.#asLoadedNow(test);
    let without = await this.#runWith(undefined, same);
    if (without.kind !== 'passed') {
      // Modules may remember what a mutant did, such as that it left a rejection unhandled.
      this.#isDirty = true;
      await this.#settle();
      this.#environment?.reload();
      same = await this.#asLoadedNow(test);
      without = await this.#runWith(undefined, same);
    }
    if (without.kind !== 'passed') {
      return { status: 'error', errorMessage: `${test.id} does not pass without the mutant` };
    }
    if (isOverHits || result.kind === 'hung') return { status: 'timeout', reason: test.id };
    if (!isStatic && (await this.#runWith(mutant, same)).kind === 'passed') return undefined;
    await this.#settle();
    return killed([test.id], result.kind === 'failed' ? result.message : '', nrOfTests);
  }

  /** For all processes that run tests: a mutant is done with at the first test that fails. */
  #noteOrder(results: readonly TestResult[]): void {
    const spentMs = new Map<string, number>();
    for (const { fileName, timeSpentMs } of results) {
      spentMs.set(fileName, (spentMs.get(fileName) ?? 0) + timeSpentMs);
    }
    const rank = (file: string): number => spentMs.get(this.#name(file)) ?? 0;
    const files = this.#files.toSorted((one, other) => rank(one) - rank(other));
    writeFileSync(ORDER_FILE, JSON.stringify(files));
  }

  async #settle(): Promise<void> {
    mutants.activeMutant = undefined;
    await this.#execution.leaveAll();
  }

  /** The same test, also where all was loaded anew since it was collected. */
  async #asLoadedNow(test: CollectedTest): Promise<CollectedTest> {
    const tests = await this.#testsOf(`${this.#root}/${test.file}`);
    return tests.find(({ id }) => id === test.id) ?? test;
  }

  #testsOf(file: string): Promise<readonly CollectedTest[]> {
    if (this.#environment === undefined) throw new Error('not begun');
    return this.#environment.testsOf(file);
  }

  #name(file: string): string {
    return relative(this.#root, file);
  }
}

function killed(killedBy: string[], failureMessage: string, nrOfTests: number): MutantRunResult {
  return { status: 'killed', killedBy, failureMessage, nrOfTests };
}

function testResult({ id, name, file }: CollectedTest, result: Result, timeSpentMs: number): TestResult {
  const base = { id, name, fileName: file, timeSpentMs };
  if (result.kind === 'passed') return { ...base, status: 0 };
  const failureMessage = result.kind === 'failed' ? result.message : 'it came to no end';
  return { ...base, status: 1, failureMessage };
}
