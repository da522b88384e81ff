import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'rolldown';

/** What Node brings, and what the user installs or brings. */
const EXTERNAL = [/^node:/, 'google-auth-library', /^@google-cloud\//];

/** Whose work is in the bundles. */
const foldersOfOthers = new Set<string>();

const COMMON: BuildOptions = {
  platform: 'node',
  logLevel: 'warn',
  external: EXTERNAL,
  plugins: [licences()],
};

/*
 * Makes of what the compiler gave one file for each entry, since Node takes two thirds of the time of a start to
 * find and read the parts one by one; and puts what the command uses of others into it, so that whoever uses the library
 * installs none of that. Prints nothing: it runs before programs whose output others read.
 */
await build({
  ...COMMON,
  input: {
    index: 'dist/src/index.js',
    testing: 'dist/src/testing/index.js',
    emulator: 'dist/emulator/index.js',
  },
  output: {
    dir: 'dist/bundle',
    cleanDir: true,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
  },
});

/*
 * The command is a CommonJS program, of which nobody imports anything: that starts a tenth sooner, since
 * google-auth-library is CommonJS as well, and Node reads what a module imports of it twice. Few files, since each costs
 * a millisecond: what every command needs to know what it is asked for, and what runs a program under a lock.
 */
await build({
  ...COMMON,
  input: { cli: 'dist/src/cli/main.js' },
  output: {
    dir: 'dist/bundle',
    format: 'cjs',
    dynamicImportInCjs: false,
    entryFileNames: '[name].cjs',
    chunkFileNames: 'cli/[name].cjs',
    codeSplitting: {
      groups: [
        {
          name: 'command-line',
          test: /dist\/src\/cli\/(program|failures|notes|invocation)\.js$/,
          priority: 1,
        },
        { name: 'run-command', test: /dist\/src\/cli\/run-command\.js$/ },
      ],
    },
  },
});

for (const folder of ['src', 'emulator']) removeLeftOver(folder);

/** What the compiler made of sources that are gone would be shipped as well: it leaves them there. */
function removeLeftOver(folder: string): void {
  for (const path of readdirSync(`dist/${folder}`, { recursive: true, encoding: 'utf8' })) {
    const source = path.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
    if (source !== path && !existsSync(join(folder, source))) rmSync(join('dist', folder, path));
  }
}

/** Writes down whose work is in the bundle, as its licences ask. */
function licences(): Plugin {
  return {
    name: 'licences',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
      for (const folder of modules.map(packageFolder)) if (folder !== undefined) foldersOfOthers.add(folder);
      const texts = [...foldersOfOthers].toSorted().map(licenceOf);
      this.emitFile({
        type: 'asset',
        fileName: 'LICENSES-OF-OTHERS.txt',
        source: texts.join(`\n${'-'.repeat(80)}\n\n`),
      });
    },
  };
}

function packageFolder(module: string): string | undefined {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.[0];
}

/** A package without a licence is not ours to hand on; one may name its licence without bringing the text. */
function licenceOf(folder: string): string {
  const { name, version, license }: Readonly<Record<string, unknown>> = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  if (typeof license !== 'string') throw new Error(`${folder} names no licence`);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text =
    file === undefined
      ? 'Its package brings no text of it.'
      : readFileSync(join(folder, file), 'utf8').trim();
  return `${String(name)} ${String(version)} (${license})\n\n${text}\n`;
}
