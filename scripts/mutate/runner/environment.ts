import { relative } from 'node:path';
import { createServer, createServerModuleRunner, type ViteDevServer } from 'vite';
import type { ModuleRunner } from 'vite/module-runner';
import { createExpect } from './expect.ts';
import { Collector, type CollectedTest } from './stand-in.ts';

const HOOKS = 'beforeAll, afterAll, beforeEach, afterEach';
const NAMES = `describe, it, test, ${HOOKS}, expect, expectTypeOf, inject, vi`;
const STAND_IN = 'gcs-mutex-tests';

/** The test files and the code that they test, loaded as often as is needed. */
export class Environment {
  readonly #server: ViteDevServer;
  readonly #root: string;
  readonly #runner: ModuleRunner;
  readonly #collector = new Collector();
  readonly #collected = new Map<string, readonly CollectedTest[]>();

  private constructor(server: ViteDevServer, root: string) {
    this.#server = server;
    this.#root = root;
    this.#runner = createServerModuleRunner(server.environments.ssr, { hmr: false });
    Reflect.set(globalThis, Symbol.for(STAND_IN), standIn(this.#collector));
  }

  static async open(root: string): Promise<Environment> {
    const server = await createServer({
      root,
      configFile: false,
      logLevel: 'error',
      appType: 'custom',
      server: { middlewareMode: true, watch: null, hmr: false, ws: false },
      oxc: { target: 'es2022' },
      ssr: { noExternal: ['vitest'] },
      plugins: [
        {
          name: STAND_IN,
          enforce: 'pre',
          resolveId: (id) => (id === 'vitest' ? `\0${STAND_IN}` : undefined),
          load: (id) =>
            id === `\0${STAND_IN}`
              ? `export const { ${NAMES} } = globalThis[Symbol.for('${STAND_IN}')];`
              : undefined,
        },
      ],
    });
    return new Environment(server, root);
  }

  /** The tests of a file, which is loaded unless it was since the last reload. */
  async testsOf(file: string): Promise<readonly CollectedTest[]> {
    const known = this.#collected.get(file);
    if (known !== undefined) return known;
    const tests = await this.#collector.collect(relative(this.#root, file), () => this.#runner.import(file));
    this.#collected.set(file, tests);
    return tests;
  }

  /** Forgets all that was loaded, and what it remembers. */
  reload(): void {
    this.#runner.clearCache();
    this.#collected.clear();
  }

  async close(): Promise<void> {
    await this.#runner.close();
    await this.#server.close();
  }
}

function standIn({ describe, it, hooks }: Collector) {
  const before = { ...process.env };
  return {
    describe,
    it,
    test: it,
    ...hooks,
    expect: createExpect(),
    // The compiler looks at types.
    expectTypeOf: () => ({ toExtend: () => undefined }),
    inject: (name: string) => (name === 'isMutated' ? true : undefined),
    vi: {
      stubEnv: (name: string, value: string | undefined) => {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      },
      unstubAllEnvs: () => {
        for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
        Object.assign(process.env, before);
      },
    },
  };
}
