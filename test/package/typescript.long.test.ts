import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { AUTH_LIBRARIES, describeInstalled } from './installing.ts';
import { ROOT, run } from './packing.ts';

/** The earliest 5.x, the newest 5.x, and the newest of each later major, under the names that they are installed by. */
const COMPILERS = { earliest: '5.0.2', 'newest-5': '5.9.3', 'newest-6': '6.0.3', 'newest-7': '7.0.2' };
type Compiler = keyof typeof COMPILERS;

/** What a user may have installed. The official client's own declarations do not compile before TypeScript 5.7. */
const PROJECTS = {
  plain: [AUTH_LIBRARIES.older, '@types/node@20.19.43'],
  'storage-7': [AUTH_LIBRARIES.older, '@google-cloud/storage@7.22.0', '@types/node@20.19.43'],
  'storage-8': [AUTH_LIBRARIES.newer, '@google-cloud/storage@8.4.0', '@types/node@26.6.7'],
};
type Project = keyof typeof PROJECTS;

const MODULES = { node16: 'Node16', nodenext: 'NodeNext', bundler: 'ESNext' };
type Resolution = keyof typeof MODULES;

const STRICTNESS: readonly Readonly<Record<string, boolean>>[] = [
  { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
  { strict: true },
  { strict: false },
];

/** The files of `consumer/` that every configuration compiles; the others need something. */
const ALWAYS = [
  'library',
  'factory',
  'semaphore',
  'event',
  'pool',
  'testing',
  'emulator',
  'auth-clients',
  'wrong-use',
  'main',
];

interface Configuration {
  readonly project: Project;
  readonly resolution: Resolution;
  readonly strictness: Readonly<Record<string, boolean>>;
}

const RESOLUTIONS = ['node16', 'nodenext', 'bundler'] as const;

/** Each resolution with each project once, each of the two with each strictness once: nine for all 27. */
const CONFIGURATIONS: readonly Configuration[] = (['plain', 'storage-7', 'storage-8'] as const).flatMap(
  (project, row) =>
    RESOLUTIONS.map((resolution, column) => ({
      project,
      resolution,
      strictness: STRICTNESS[(row + column) % 3] ?? {},
    })),
);

/** All nine where the compiler is quick; else each resolution without the official client, and with one version of it. */
function isCompiledBy(compiler: Compiler, { project, resolution }: Configuration): boolean {
  if (compiler === 'newest-7' || project === 'plain') return true;
  return compiler !== 'earliest' && project === (resolution === 'nodenext' ? 'storage-8' : 'storage-7');
}

function sources({ project, resolution, strictness }: Configuration, compiler: Compiler): string[] {
  const names = [...ALWAYS, ...(strictness['strict'] === true ? ['strict'] : [])].map((name) => `${name}.ts`);
  if (compiler === 'earliest') return names; // it knows neither `await using` nor `require` of an ES module
  if (resolution === 'nodenext') names.push('main.cts', 'library.cts');
  return [...names, 'await-using.ts', ...(project === 'plain' ? [] : ['storage-bucket.ts'])];
}

await describeInstalled('the packed package, compiled by its user', (workshop) => {
  let tools: string;
  const folders = new Map<Project, string>();
  beforeAll(async () => {
    const compilers = Object.entries(COMPILERS).map(([name, version]) => `${name}@npm:typescript@${version}`);
    tools = await workshop.installTools(compilers);
    for (const project of Object.keys(PROJECTS) as Project[]) {
      const folder = await workshop.install(project, PROJECTS[project]);
      await cp(join(ROOT, 'test/package/consumer'), join(folder, 'consumer'), { recursive: true });
      for (const name of ['main', 'library']) {
        await copyFile(join(folder, `consumer/${name}.ts`), join(folder, `consumer/${name}.cts`));
      }
      folders.set(project, folder);
    }
  });

  const folderOf = (project: Project): string => folders.get(project) ?? '';

  /** Writes a `tsconfig.json` into a folder of its own, and gives that folder. */
  const configure = async (
    compiler: Compiler,
    project: Project,
    name: string,
    files: readonly string[],
    compilerOptions: Readonly<Record<string, unknown>>,
  ): Promise<string> => {
    const folder = join(folderOf(project), `${compiler}-${name}`);
    await mkdir(folder);
    const common = { target: 'ES2022', lib: ['ES2022'], types: ['node'], skipLibCheck: false };
    const options = { ...common, rootDir: '../consumer', outDir: '.', ...compilerOptions };
    const config = { compilerOptions: options, files: files.map((file) => `../consumer/${file}`) };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    return folder;
  };

  /** One process compiles all of them, so that it reads the libraries once. Gives what it complains of, if anything. */
  const compile = async (compiler: Compiler, configs: readonly string[]): Promise<string> => {
    const tsc = join(tools, 'node_modules', compiler, 'bin/tsc');
    const built = run(process.execPath, [tsc, '--build', '--pretty', 'false', ...configs], {
      cwd: workshop.folder,
    });
    return built.then(
      ({ stdout }) => stdout,
      (error: { stdout: string; stderr: string }) => error.stdout + error.stderr || 'failed in silence',
    );
  };

  describe.each(Object.keys(COMPILERS) as Compiler[])('with the %s TypeScript', (compiler) => {
    it('compiles, in every way of resolving modules, with its libraries checked, and runs', async () => {
      const configurations = CONFIGURATIONS.filter((each) => isCompiledBy(compiler, each));
      const configs = configurations.map(({ project, resolution, strictness }) => {
        const files = sources({ project, resolution, strictness }, compiler);
        const options = { module: MODULES[resolution], moduleResolution: resolution, ...strictness };
        return configure(compiler, project, resolution, files, options);
      });
      expect(await compile(compiler, await Promise.all(configs))).toBe('');

      const nodeNext = join(folderOf('plain'), `${compiler}-nodenext`);
      for (const program of compiler === 'earliest' ? ['main.js'] : ['main.js', 'main.cjs']) {
        const { stdout } = await run(process.execPath, [join(nodeNext, program)]);
        expect(stdout).toBe('held once, released true: acquired waiting released\n');
      }
    });
  });

  it('compiles without the types of Node, beside those of a browser', async () => {
    const options = {
      module: 'ESNext',
      moduleResolution: 'bundler',
      strict: true,
      types: [],
      lib: ['ES2022', 'ESNext.Disposable', 'DOM'],
    };
    const files = ['library.ts', 'testing.ts', 'emulator.ts', 'strict.ts', 'wrong-use.ts'];
    const config = await configure('newest-7', 'plain', 'browser', files, options);
    expect(await compile('newest-7', [config])).toBe('');
  });

  it('does not compile where a declared type is not there', async () => {
    // The others pass by printing nothing: this one shows that the compiler does look.
    const file = join(folderOf('plain'), 'consumer/broken.ts');
    await writeFile(
      file,
      "import { GcsMutex } from 'gcs-mutex';\nexport const ttl: string = new GcsMutex('b');\n",
    );
    const options = { module: 'NodeNext', moduleResolution: 'nodenext' };
    const config = await configure('newest-7', 'plain', 'broken', ['broken.ts'], options);
    expect(await compile('newest-7', [config])).toContain('broken.ts(2,');
  });
});
