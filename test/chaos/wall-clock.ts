import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where packages put libfaketime's library for programs with threads; `FAKETIME_LIBRARY` names another. */
const FOLDERS = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/opt/homebrew/lib'];
const LIBRARY = 'faketime/libfaketimeMT.so.1';

/** The library that gives a process a wall clock of its own; undefined where it is not installed. */
export function findFaketime(): string | undefined {
  const named = process.env['FAKETIME_LIBRARY'];
  const folders = FOLDERS.filter((folder) => existsSync(folder));
  // Debian has a folder for each kind of processor in between.
  const within = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('-linux-gnu'))
      .map((name) => join(folder, name)),
  );
  const candidates = [...folders, ...within].map((folder) => join(folder, LIBRARY));
  return [...(named ? [named] : []), ...candidates].find((path) => existsSync(path));
}

/** The wall clock of one process, which can be set while it runs. Its monotonic clock stays what it is. */
export class WallClock {
  /** What the process is started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly #file: string;

  constructor(library: string, file: string) {
    this.#file = file;
    this.set(0);
    this.env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** How far it is ahead of the machine's, or behind it. */
  set(offsetMs: number): void {
    const offsetS = Math.round(offsetMs / 1_000);
    // The process may read it at any moment: it finds the old text or the new one.
    writeFileSync(`${this.#file}.new`, `${offsetS < 0 ? '' : '+'}${offsetS}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}
