import type { ConnectionOptions } from './connection.ts';
import { isInUse } from './describe.ts';
import { describeFound, tellFound } from './describe-found.ts';
import { placeOf } from './place.ts';
import { print, printJson } from './print.ts';

export interface StatusOptions extends ConnectionOptions {
  readonly json?: boolean;
}

/** Says what is at a URL, and who holds it. @returns what the process ends with: 0 held or set, 1 not. */
export async function statusCommand(url: string, options: StatusOptions): Promise<number> {
  const place = placeOf(url, options);
  const found = await place.find();
  if (options.json === true) printJson(describeFound(place.url, found));
  else print(tellFound(place.url, found, process.stdout));
  return found !== undefined && isInUse(found) ? 0 : 1;
}
