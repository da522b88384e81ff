import { GcsMutex, type LockStatus } from '../index.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';
import { tellStatus } from './describe.ts';
import { print, printJson } from './print.ts';

export interface StatusOptions extends ConnectionOptions {
  readonly json?: boolean;
}

/** Says who holds a lock. @returns what the process ends with: 0 held, 1 free. */
export async function statusCommand(url: string, options: StatusOptions): Promise<number> {
  const mutex = GcsMutex.fromUrl(url, connectionOptions(options));
  const status = await mutex.status();
  if (options.json === true) printJson(describeStatus(mutex.url, status));
  else print(status === undefined ? `${mutex.url} is free\n` : tellStatus(mutex.url, status));
  return status === undefined ? 1 : 0;
}

/** A status for programs. */
function describeStatus(url: string, status: LockStatus | undefined): object {
  return status === undefined ? { lock: url, state: 'free' } : { lock: url, state: 'held', ...status };
}
