import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const run = promisify(execFile);
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What `import` and `require` of this package take, beside its package.json. */
export const SUBPATHS = ['gcs-mutex', 'gcs-mutex/testing', 'gcs-mutex/emulator'] as const;
type Subpath = (typeof SUBPATHS)[number];

interface ExportedName {
  readonly name: string;
  readonly isType: boolean;
}

/** What `npm pack` reports. The build has been made by `npm test`: packing must not make it anew under the other tests' feet. */
export async function pack(...options: readonly string[]): Promise<{ filename: string; files: string[] }> {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', ...options], { cwd: ROOT });
  const [report]: [{ filename: string; files: { path: string }[] }] = JSON.parse(stdout);
  return { filename: report.filename, files: report.files.map(({ path }) => path) };
}

/** All names that a subpath exports, types included, from its declaration file: the house exports them one by one. */
export async function exportedNames(subpath: Subpath): Promise<readonly ExportedName[]> {
  const { exports } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8'));
  const declarations = await readFile(ROOT + exports[subpath.replace('gcs-mutex', '.')].types, 'utf8');
  return [...declarations.matchAll(/^export (type )?\{([^}]*)\}/gm)]
    .flatMap(([, allTypes, list = '']) =>
      list
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '')
        .map((entry) => ({
          name: entry.replace(/^type /, '').replace(/^.* as /, ''),
          isType: allTypes !== undefined || entry.startsWith('type '),
        })),
    )
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** The names that are there at run time, as `Object.keys` of a module lists them once sorted. */
export async function valueNames(subpath: Subpath): Promise<readonly string[]> {
  return (await exportedNames(subpath)).filter(({ isType }) => !isType).map(({ name }) => name);
}

/** What a program in a folder gets of each subpath, by one of the two module systems. */
export async function loadedNames(
  node: string,
  folder: string,
  system: 'import' | 'require',
): Promise<Readonly<Record<Subpath, readonly string[]>>> {
  const [type, load] = system === 'import' ? ['module', 'await import'] : ['commonjs', 'require'];
  const lists = SUBPATHS.map((subpath) => `'${subpath}': Object.keys(${load}('${subpath}')).sort()`);
  const source = `console.log(JSON.stringify({ ${lists.join()} }))`;
  const { stdout, stderr } = await run(node, [`--input-type=${type}`, '--eval', source], { cwd: folder });
  if (stderr !== '') throw new Error(`a warning on loading the package: ${stderr}`);
  const names: Record<Subpath, readonly string[]> = JSON.parse(stdout);
  for (const subpath of SUBPATHS) names[subpath] = names[subpath].filter((name) => name !== '__esModule');
  return names;
}
