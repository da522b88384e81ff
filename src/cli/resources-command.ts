import { GcsResourcePool } from '../index.ts';
import { checkResources } from '../pool/pool-resources.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';
import { EXIT } from './exit-codes.ts';
import { Notes } from './notes.ts';
import { print, printJson } from './print.ts';
import { oneLine } from './text.ts';

export interface ResourcesOptions extends ConnectionOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly json?: boolean;
}

const STILL_IN_USE = 1;

/** Says which resources a pool has, after it has changed that if it is to. */
export async function resourcesCommand(url: string, options: ResourcesOptions): Promise<number> {
  const pool = GcsResourcePool.fromUrl(url, connectionOptions(options));
  // Both calls name what they take alike; and none must be added where those to remove are wrong.
  for (const flag of ['add', 'remove'] as const)
    if (options[flag] !== undefined) checkResources(options[flag], `--${flag}`);
  if (options.add !== undefined) await pool.add(options.add);
  const stillInUse = options.remove === undefined ? [] : await pool.remove(options.remove);
  const { resources } = await pool.status();
  const names = resources.flatMap(({ resource, isMember }) => (isMember ? [resource] : []));
  if (options.json === true) printJson({ lock: pool.url, resources: names, stillInUse });
  else {
    print(names.map((name) => `${oneLine(name)}\n`).join(''));
    if (stillInUse.length > 0)
      new Notes({}).info(`removed, and still in use until given back: ${stillInUse.join(', ')}`);
  }
  return stillInUse.length > 0 ? STILL_IN_USE : EXIT.ok;
}
