// The store of a run, in a process of its own: the embedded emulator, or gcsemulator. It ends with the driver, however
// that ends.
import { startEmulator } from '../../emulator/index.ts';
import { startServer } from '../servers/start.ts';

export interface StoreReady {
  readonly url: string;
}

async function start(binary: string | undefined): Promise<string> {
  if (binary === undefined) return (await startEmulator({ requestLogLimit: 1 })).url;
  const { child, url } = await startServer('gcsemulator', binary, true);
  process.once('exit', () => child.kill('SIGKILL'));
  return url;
}

// When to end is the driver's decision.
for (const name of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(name, () => undefined);
process.once('disconnect', () => process.exit());
const url = await start(process.argv[2]);
process.send?.({ url } satisfies StoreReady);
