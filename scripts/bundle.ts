import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'rolldown';

/** What Node brings, and what the user installs or brings. */
const EXTERNAL = [/^node:/, 'google-auth-library', /^@google-cloud\//];

/**
 * What a start needs in few files, since each costs a millisecond: the lock, with what errors are told from; what every
 * command needs to know what it is asked for; what runs a program under a lock; and all else of the library. Each brings
 * whatever it imports that is in none before it.
 */
const CHUNKS = [
  { name: 'lock', test: /dist\/src\/(mutex|\w+\/\w+-errors|protocol\/semaphore)\.js$/, priority: 3 },
  { name: 'command-line', test: /dist\/src\/cli\/(program|failures|notes)\.js$/, priority: 2 },
  { name: 'run-command', test: /dist\/src\/cli\/run-command\.js$/, priority: 1 },
  { name: 'primitives', test: /dist\/src\/(factory\/factory|semaphore\/semaphore)\.js$/ },
];

/**
 * Makes of what the compiler gave one file for each entry, since Node takes two thirds of the time of a start to
 * find and read the parts one by one; and puts what the command uses of others into it, so that whoever uses the library
 * installs none of that. Prints nothing: it runs before programs whose output others read.
 */
await build({
  input: {
    index: 'dist/src/index.js',
    testing: 'dist/src/testing/index.js',
    emulator: 'dist/emulator/index.js',
    cli: 'dist/src/cli/main.js',
  },
  platform: 'node',
  logLevel: 'warn',
  external: EXTERNAL,
  plugins: [licences()],
  output: {
    dir: 'dist/bundle',
    cleanDir: true,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: { groups: CHUNKS },
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
      const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== undefined));
      const texts = [...folders].toSorted().map(licenceOf);
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
