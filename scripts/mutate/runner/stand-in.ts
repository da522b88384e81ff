import { format } from 'node:util';

type Body = (...args: never[]) => unknown;
type Hook = () => unknown;

/** A test, ready to be run, again and again. */
export interface CollectedTest {
  readonly id: string;
  readonly name: string;
  /** The file, from the root of the project on. */
  readonly file: string;
  readonly body: () => unknown;
  /** From the outermost in. */
  readonly suites: readonly Suite[];
}

/** What a `describe`, or a file, says about all tests in it. */
export interface Suite {
  readonly name: string;
  readonly beforeAll: Hook[];
  readonly afterAll: Hook[];
  readonly beforeEach: Hook[];
  readonly afterEach: Hook[];
}

/**
 * Stands in for the part of vitest that our tests use to say what there is to run, and only collects it. To start vitest anew
 * for each of thousands of mutants takes a second each, most of it for loading what has not changed; a mutant that is
 * chosen by a variable can be tried in milliseconds.
 */
export class Collector {
  #tests: CollectedTest[] = [];
  #file = '';
  #suites: Suite[] = [];

  /** Collects the tests of one file while it is imported. */
  async collect(file: string, importFile: () => Promise<unknown>): Promise<readonly CollectedTest[]> {
    this.#file = file;
    this.#tests = [];
    this.#suites = [newSuite('')];
    await importFile();
    return this.#tests;
  }

  readonly describe = Object.assign((name: string, body: () => void) => this.#describe(name, body), {
    each: this.#each((name, body) => this.#describe(name, body)),
  });

  readonly it = Object.assign((name: string, ...rest: readonly unknown[]) => this.#it(name, bodyOf(rest)), {
    each: this.#each((name, body) => this.#it(name, body)),
    concurrent: (name: string, ...rest: readonly unknown[]) => this.#it(name, bodyOf(rest)),
  });

  readonly hooks = {
    beforeAll: (hook: Hook) => this.#suite.beforeAll.push(hook),
    afterAll: (hook: Hook) => this.#suite.afterAll.unshift(hook),
    beforeEach: (hook: Hook) => this.#suite.beforeEach.push(hook),
    afterEach: (hook: Hook) => this.#suite.afterEach.unshift(hook),
  };

  get #suite(): Suite {
    const suite = this.#suites.at(-1);
    if (suite === undefined) throw new Error('a test outside of a test file');
    return suite;
  }

  #describe(name: string, body: () => void): void {
    this.#suites.push(newSuite(name));
    body();
    this.#suites.pop();
  }

  #it(given: string, body: () => unknown): void {
    const suites = [...this.#suites];
    const name = [...suites.map((suite) => suite.name), given].join(' ').trim();
    const id = `${this.#file}#${name}`;
    const sameCount = this.#tests.filter((test) => test.id === id || test.id.startsWith(`${id} (`)).length;
    const test = { name, file: this.#file, body, suites };
    this.#tests.push({ ...test, id: sameCount === 0 ? id : `${id} (${sameCount + 1})` });
  }

  /** `it.each(rows)(name, body)`, and the same of `describe`. */
  #each(add: (name: string, body: () => void) => void) {
    return (rows: readonly unknown[]) =>
      (name: string, ...rest: readonly unknown[]): void => {
        // Rows are spread only where all of them can be.
        const isTable = rows.every(Array.isArray);
        for (const row of rows) {
          const values: readonly unknown[] = isTable && Array.isArray(row) ? row : [row];
          const placeCount = name.match(/%[sdifjoOc]/g)?.length ?? 0;
          add(format(name, ...values.slice(0, placeCount)), bodyOf(rest, values));
        }
      };
  }
}

function newSuite(name: string): Suite {
  return { name, beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] };
}

/** The function among what is given to `it` beside its name, which may be options and a time limit too. */
function bodyOf(rest: readonly unknown[], values: readonly unknown[] = []): () => unknown {
  const body = rest.find((value): value is Body => typeof value === 'function');
  if (body === undefined) throw new Error('a test without a body');
  return () => Reflect.apply(body, undefined, values);
}
