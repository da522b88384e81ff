import { type Command, InvalidArgumentError } from 'commander';
import type { EmulatorCommandOptions } from '../emulator-command.ts';
import type { Invocation } from '../invocation.ts';

const EXAMPLES = `
It prints the setting that sends clients to it, gcs-mutex itself and Google's
own clients included. Ctrl-C ends it.

Example:
  gcs-mutex emulator --bucket my-bucket &
  export STORAGE_EMULATOR_HOST=http://127.0.0.1:4443
  gcs-mutex run gs://my-bucket/locks/nightly -- ./report.sh
`;

/** `gcs-mutex emulator`. */
export function addEmulator(program: Command, { onExitCode }: Invocation): void {
  program
    .command('emulator')
    .summary('start an emulator of Google Cloud Storage')
    .description(
      'Starts the embedded strict emulator of Google Cloud Storage. Everything it holds is in memory.',
    )
    .option(
      '--bucket <name>',
      'make this bucket; may be given several times',
      (name: string, before: string[]) => [...before, name],
      [],
    )
    .option('--port <port>', 'listen here; 0 for any free port', parsePort, 4443)
    .option('--host <host>', 'listen on this address', '127.0.0.1')
    .addHelpText('after', EXAMPLES)
    .action(async (options: EmulatorCommandOptions) => {
      const { emulatorCommand } = await import('../emulator-command.ts');
      onExitCode(await emulatorCommand(options));
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return port;
}
