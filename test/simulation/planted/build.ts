import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bug, changesOf } from './bugs.ts';

/** The compiled project: this file is at `dist/test/simulation/planted`. */
const DIST = fileURLToPath(new URL('../../../', import.meta.url));

/** What belongs to a copy: the library and its simulation. */
const SIMULATION = ['src', 'test/simulation', 'scripts/command-line.js'];

/** A copy of the compiled library and of what plays it, with one bug in it. */
export interface PlantedBuild extends Disposable {
  readonly folder: string;
  /** The simulator's worker, which plays the library with the bug. */
  readonly worker: string;
  /** The explorer's program. */
  readonly explorer: string;
}

/** The compiled modules that a bug changes, with the bug in them. @throws where what it changes does not stand there once. */
export function mutate(bug: Bug, dist: string): ReadonlyMap<string, string> {
  const modules = new Map<string, string>();
  for (const { module, text, instead } of changesOf(bug)) {
    const compiled = modules.get(module) ?? readFileSync(join(dist, 'src', `${module}.js`), 'utf8');
    const parts = compiled.split(text);
    if (parts.length !== 2) {
      throw new Error(
        `the bug "${bug.name}" changes a text that stands ${parts.length - 1} times in ${module}`,
      );
    }
    modules.set(module, parts.join(instead));
  }
  return modules;
}

/**
 * @param parts - what is copied, of what is compiled.
 * @param dist - where that is; for who is not compiled himself.
 */
export function plant(bug: Bug, parts: readonly string[] = SIMULATION, dist: string = DIST): PlantedBuild {
  const folder = mkdtempSync(join(tmpdir(), 'gcs-mutex-planted-'));
  for (const part of parts) {
    mkdirSync(join(folder, part, '..'), { recursive: true });
    cpSync(join(dist, part), join(folder, part), { recursive: true });
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(dist, '../node_modules'), join(folder, 'node_modules'));
  for (const [module, text] of mutate(bug, dist)) writeFileSync(join(folder, 'src', `${module}.js`), text);
  return {
    folder,
    worker: join(folder, 'test/simulation/worker.js'),
    explorer: join(folder, 'test/simulation/explorer/main.js'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
