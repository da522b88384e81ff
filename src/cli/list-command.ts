import { GcsLocks, type ListedLock } from '../index.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';
import { EXIT } from './exit-codes.ts';
import { Notes } from './notes.ts';
import { print, printJson } from './print.ts';
import { lockTable } from './table.ts';

export interface ListOptions extends ConnectionOptions {
  readonly stale?: boolean;
  readonly json?: boolean;
}

/** Lists the locks below a prefix. */
export async function listCommand(url: string, options: ListOptions): Promise<number> {
  const locks = new GcsLocks(url, connectionOptions(options));
  const found: ListedLock[] = [];
  for await (const lock of locks.list()) {
    if (options.stale === true && !isStale(lock)) continue;
    if (options.json === true) printJson(lock);
    else found.push(lock);
  }
  if (options.json === true) return EXIT.ok;
  if (found.length > 0) print(lockTable(found, process.stdout));
  else new Notes({}).info(`no ${options.stale === true ? 'stale ' : ''}locks below ${locks.url}`);
  return EXIT.ok;
}

/** Whether a dead holder left the lock, a permit of the semaphore or the limiter, or a resource of the pool. */
function isStale(lock: ListedLock): boolean {
  if (lock.kind === 'semaphore') return lock.status.stale > 0;
  if (lock.kind === 'pool') return lock.status.counts.stale > 0;
  if (lock.kind === 'rate-limiter') return lock.status.processes.some((process) => process.isStale);
  return lock.kind === 'held' && lock.status.isStale;
}
