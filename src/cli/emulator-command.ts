import { once } from 'node:events';
import { startEmulator } from '../../emulator/index.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failures.ts';
import { print } from './print.ts';

export interface EmulatorCommandOptions {
  readonly bucket: readonly string[];
  readonly port: number;
  readonly host: string;
}

/** Serves until it is told to end. */
export async function emulatorCommand({ bucket, port, host }: EmulatorCommandOptions): Promise<number> {
  const emulator = await startEmulator({ buckets: bucket, port, host }).catch((error: unknown) => {
    throw new Failure(error instanceof Error ? error.message : String(error));
  });
  print(`export STORAGE_EMULATOR_HOST=${emulator.url}\n`);
  await Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => once(process, name)));
  await emulator.close();
  return EXIT.ok;
}
