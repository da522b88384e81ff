import { once } from 'node:events';
import { startEmulator } from '../../emulator/index.ts';
import { isBucketName } from '../../emulator/validate/bucket-name.ts';
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
  const wrong = bucket.find((name) => !isBucketName(name));
  // It would be there, but no client would ask for it.
  if (wrong !== undefined)
    throw new Failure(
      `--bucket must be 3 to 63 of a-z, 0-9, "_", "-" and ".", beginning and ending with a letter or digit, and ` +
        `without Google's name, got ${JSON.stringify(wrong)}`,
    );
  const emulator = await startEmulator({ buckets: bucket, port, host }).catch((error: unknown) => {
    throw new Failure(whyNot(error, `${host}:${port}`), EXIT.failed, { cause: error });
  });
  print(`export STORAGE_EMULATOR_HOST=${emulator.url}\n`);
  await Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => once(process, name)));
  await emulator.close();
  return EXIT.ok;
}

function whyNot(error: unknown, place: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `${place} is taken, perhaps by another emulator: name a --port, or 0 for any free one`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${place} is no address of this machine: name another --host`;
  if (code === 'EACCES') return `${place} is for root only: name a --port from 1024 on`;
  return `cannot listen on ${place}: ${error instanceof Error ? error.message : String(error)}`;
}
