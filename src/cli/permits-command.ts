import { GcsSemaphore } from '../index.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';
import { EXIT } from './exit-codes.ts';
import { print, printJson } from './print.ts';

export interface PermitsOptions extends ConnectionOptions {
  readonly json?: boolean;
}

/** Says how many permits a semaphore has, after it has changed that if it is to. */
export async function permitsCommand(
  url: string,
  count: number | undefined,
  options: PermitsOptions,
): Promise<number> {
  const semaphore = GcsSemaphore.fromUrl(url, connectionOptions(options));
  if (count !== undefined) await semaphore.setPermits(count);
  const permits = count ?? (await semaphore.permits());
  if (options.json === true) printJson({ lock: semaphore.url, permits });
  else print(`${permits}\n`);
  return EXIT.ok;
}
