import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bug } from './bugs.ts';

/** The compiled project: this file is at `dist/test/simulation/planted`. */
const DIST = fileURLToPath(new URL('../../../', import.meta.url));

/** What belongs to a copy: the library and its simulation. */
const SIMULATION = ['src', 'test/simulation'];

/** A copy of the compiled library and of what plays it, with one bug in it. */
export interface PlantedBuild extends Disposable {
  readonly folder: string;
  /** The simulator's worker, which plays the library with the bug. */
  readonly worker: string;
  /** The explorer's program. */
  readonly explorer: string;
}

/** The compiled text of a module with a bug in it. @throws where what it changes does not stand there once. */
export function mutate(bug: Bug, dist: string): string {
  const compiled = readFileSync(join(dist, 'src', `${bug.module}.js`), 'utf8');
  const parts = compiled.split(bug.text);
  if (parts.length !== 2) {
    throw new Error(
      `the bug "${bug.name}" changes a text that stands ${parts.length - 1} times in ${bug.module}`,
    );
  }
  return parts.join(bug.instead);
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
  writeFileSync(join(folder, 'src', `${bug.module}.js`), mutate(bug, dist));
  return {
    folder,
    worker: join(folder, 'test/simulation/worker.js'),
    explorer: join(folder, 'test/simulation/explorer/main.js'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
