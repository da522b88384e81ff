import { GcsLocks } from '../index.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';
import { EXIT } from './exit-codes.ts';
import { Interruption } from './interruption.ts';
import { print, printJson } from './print.ts';
import { lockTable } from './table.ts';

export interface CleanCommandOptions extends ConnectionOptions {
  readonly dryRun?: boolean;
  /** Milliseconds. */
  readonly staleFor: number;
  readonly json?: boolean;
}

/** Removes the records that have been stale for long. */
export async function cleanCommand(url: string, options: CleanCommandOptions): Promise<number> {
  const locks = new GcsLocks(url, connectionOptions(options));
  using interruption = new Interruption();
  const { signal } = interruption;
  try {
    const removed = await locks.clean({ staleForMs: options.staleFor, dryRun: options.dryRun, signal });
    if (options.json === true) for (const lock of removed) printJson(lock);
    else {
      if (removed.length > 0) print(lockTable(removed, process.stdout));
      const count = `${removed.length} record${removed.length === 1 ? '' : 's'} below ${locks.url}`;
      print(options.dryRun === true ? `would remove ${count}\n` : `removed ${count}\n`);
    }
    return EXIT.ok;
  } catch (error) {
    if (!signal.aborted) throw error;
    return interruption.exitCode;
  }
}
