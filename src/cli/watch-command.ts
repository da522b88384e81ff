import { setTimeout as pause } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import { GcsLocks, GcsMutexError, type ListedLock } from '../index.ts';
import { changesBetween } from './changes.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';
import { clockTime } from './describe.ts';
import { canDraw } from './drawing.ts';
import { Interruption } from './interruption.ts';
import { Notes } from './notes.ts';
import { print, printJson } from './print.ts';
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
  const display = options.json === true ? changePrinter() : tableDrawer(locks.url);
  // The process goes on within this call, where it is continued.
  const onStop = (): void => display.standAside(() => process.kill(process.pid, 'SIGSTOP'));
  process.on('SIGTSTP', onStop);
  let isFirst = true;
  try {
    for (;;) {
      try {
        display.show(await look(locks, signal));
      } catch (error) {
        // Whoever watches wants to go on after a hiccup; but one that cannot even begin should say so and end.
        if (isFirst || !(error instanceof GcsMutexError)) throw error;
        const { code, message } = error;
        display.interject(() => notes.warn(message, { event: 'error', code, message }));
      }
      isFirst = false;
      await pause(options.interval, undefined, { signal });
    }
  } catch (error) {
    display.end();
    if (!signal.aborted) throw error;
    return interruption.exitCode;
  } finally {
    process.off('SIGTSTP', onStop);
  }
}

/** Where each look at the locks goes. */
interface Display {
  readonly show: (locks: readonly ListedLock[]) => void;
  /** Lets something be said above what is drawn. */
  readonly interject: (say: () => void) => void;
  /** Leaves the terminal to others for as long as a call lasts, and draws below what they drew. */
  readonly standAside: (during: () => void) => void;
  readonly end: () => void;
}

async function look(locks: GcsLocks, signal: AbortSignal): Promise<ListedLock[]> {
  const found: ListedLock[] = [];
  for await (const lock of locks.list({ signal })) found.push(lock);
  return found;
}

function changePrinter(): Display {
  let before: readonly ListedLock[] = [];
  const show = (now: readonly ListedLock[]): void => {
    for (const { change, url, lock } of changesBetween(before, now)) {
      printJson({ at: new Date().toISOString(), change, url, ...lock });
    }
    before = now;
  };
  return { show, interject: (say) => say(), standAside: (during) => during(), end: () => {} };
}

/** Rows of a terminal that no lock has: how many there are, a blank one, the head, how many more, the cursor's. */
const OTHER_ROWS = 5;

function tableDrawer(url: string): Display {
  const { stdout } = process;
  const draw = canDraw(stdout) ? createLogUpdate(stdout) : undefined;
  let drawn = '';
  const show = (locks: readonly ListedLock[]): void => {
    const count = `${locks.length} lock${locks.length === 1 ? '' : 's'} below ${url} at ${clockTime(new Date())}`;
    // What is higher than the terminal would scroll away, its head first.
    const room = draw === undefined ? Infinity : Math.max(1, stdout.rows - OTHER_ROWS);
    const shown = locks.slice(0, room);
    const table = locks.length === 0 ? '' : `\n\n${lockTable(shown, stdout)}`;
    const more = shown.length < locks.length ? `and ${locks.length - shown.length} more\n` : '';
    drawn = `${count}${table}${more}`;
    if (draw === undefined) print(`${drawn}\n`);
    else draw(drawn);
  };
  const interject = (say: () => void): void => {
    draw?.clear();
    say();
    draw?.(drawn);
  };
  const standAside = (during: () => void): void => {
    draw?.done();
    during();
    draw?.(drawn);
  };
  // Behind the ^C that a terminal shows, its prompt begins a line of its own.
  const end = (): void => {
    draw?.done();
    if (draw !== undefined) print('\n');
  };
  return { show, interject, standAside, end };
}
