import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportedNames, loadedNames, pack, ROOT, run, SUBPATHS, valueNames } from './packing.ts';

const UPDATE = 'If this change is meant: npx vitest run test/package/pins.test.ts -u';

describe('the package, as it would be published', () => {
  let files: readonly string[];
  beforeAll(async () => {
    ({ files } = await pack('--dry-run'));
  });

  it('exports the names in exported-names.txt, types included', async () => {
    const sections = SUBPATHS.map(async (subpath) => {
      const names = await exportedNames(subpath);
      return [subpath, ...names.map(({ name, isType }) => `  ${isType ? 'type ' : ''}${name}`), ''].join(
        '\n',
      );
    });
    const text = (await Promise.all(sections)).join('\n');
    await expect(text, UPDATE).toMatchFileSnapshot('exported-names.txt');
  });

  it('packs the files in packed-files.txt', async () => {
    const kinds = new Map<string, string[]>();
    for (const path of files.toSorted()) {
      const [, stem = path, kind = ''] = /^(dist\/.*?)\.(d\.ts|js\.map|js)$/.exec(path) ?? [];
      kinds.set(stem, [...(kinds.get(stem) ?? []), kind]);
    }
    const lines = [...kinds].map(([stem, of]) => (of[0] === '' ? stem : `${stem}.{${of.join()}}`));
    await expect(`${lines.join('\n')}\n`, UPDATE).toMatchFileSnapshot('packed-files.txt');
  });

  it.each(['import', 'require'] as const)('gives those names by %s', async (system) => {
    const names = await loadedNames(process.execPath, ROOT, system);
    for (const subpath of SUBPATHS) expect(names[subpath], subpath).toEqual(await valueNames(subpath));
  });

  it('exports its package.json, and nothing else of its inside', async () => {
    const source = `console.log(require('gcs-mutex/package.json').name); require('gcs-mutex/dist/src/lease.js')`;
    await expect(run(process.execPath, ['--eval', source], { cwd: ROOT })).rejects.toMatchObject({
      stdout: 'gcs-mutex\n',
      stderr: expect.stringContaining('ERR_PACKAGE_PATH_NOT_EXPORTED'),
    });
  });

  it('declares its types without a Google package', async () => {
    const declarations = files.filter((path) => path.endsWith('.d.ts'));
    expect(declarations.length).toBeGreaterThan(10);
    for (const path of declarations) {
      expect(await readFile(ROOT + path, 'utf8'), path).not.toMatch(
        /(from|import\() ?['"](@google-cloud|google-auth|gaxios)/,
      );
    }
  });
});

describe('the consumers in this folder, which every version of the compiler checks', () => {
  it('use every name that is exported', async () => {
    const folder = `${ROOT}test/package/consumer/`;
    const sources = (await readdir(folder)).map((name) => readFile(folder + name, 'utf8'));
    const used = new Set((await Promise.all(sources)).join('\n').match(/\w+/g));
    const names = (await Promise.all(SUBPATHS.map(exportedNames))).flat().map(({ name }) => name);
    expect(names.filter((name) => !used.has(name))).toEqual([]);
  });
});
