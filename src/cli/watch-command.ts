import { setTimeout as pause } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import { GcsLocks, GcsMutexError, type ListedLock } from '../index.ts';
import { changesBetween } from './changes.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';
import { Interruption } from './interruption.ts';
import { Notes } from './notes.ts';
import { printJson } from './print.ts';
import { lockTable } from './table.ts';

export interface WatchOptions extends ConnectionOptions {
  /** Milliseconds. */
  readonly interval: number;
  readonly json?: boolean;
}

/** Follows the locks below a prefix until it is interrupted. */
export async function watchCommand(url: string, options: WatchOptions): Promise<number> {
  const locks = new GcsLocks(url, connectionOptions(options));
  const notes = new Notes({ json: options.json });
  using interruption = new Interruption();
  const { signal } = interruption;
  const show = options.json === true ? changePrinter() : tableDrawer(locks.url);
  let isFirst = true;
  try {
    for (;;) {
      try {
        show(await look(locks, signal));
      } catch (error) {
        // Whoever watches wants to go on after a hiccup; but one that cannot even begin should say so and end.
        if (isFirst || !(error instanceof GcsMutexError)) throw error;
        notes.warn(error.message, { event: 'error', code: error.code, message: error.message });
      }
      isFirst = false;
      await pause(options.interval, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return interruption.exitCode;
  }
}

async function look(locks: GcsLocks, signal: AbortSignal): Promise<ListedLock[]> {
  const found: ListedLock[] = [];
  for await (const lock of locks.list({ signal })) found.push(lock);
  return found;
}

function changePrinter(): (locks: readonly ListedLock[]) => void {
  let before: readonly ListedLock[] = [];
  return (now) => {
    for (const { change, url, lock } of changesBetween(before, now)) {
      printJson({ at: new Date().toISOString(), change, url, ...lock });
    }
    before = now;
  };
}

function tableDrawer(url: string): (locks: readonly ListedLock[]) => void {
  const { stdout } = process;
  const draw = stdout.isTTY
    ? createLogUpdate(stdout)
    : (text: string): void => void stdout.write(`${text}\n`);
  return (locks) => {
    const count = `${locks.length} lock${locks.length === 1 ? '' : 's'} below ${url} at ${new Date().toLocaleTimeString()}`;
    draw(locks.length === 0 ? count : `${count}\n\n${lockTable(locks, stdout)}`);
  };
}
