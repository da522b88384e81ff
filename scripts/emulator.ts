import { parseArgs } from 'node:util';
import { startEmulator } from '../emulator/index.ts';

const HELP = `Usage: npm run emulator -- [options]

Starts the embedded strict emulator of Google Cloud Storage and prints the
setting that sends clients to it. Stop it with Ctrl-C. Everything it holds is
in memory.

Options:
  --bucket NAME   make this bucket; may be given several times
  --port PORT     listen here; 0 for any free port (default 4443)
  --host HOST     listen on this address (default 127.0.0.1)
  --help          show this text
`;

interface Settings {
  readonly buckets: readonly string[];
  readonly port: number;
  readonly host: string;
}

function readSettings(args: readonly string[]): Settings | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      bucket: { type: 'string', multiple: true, default: [] },
      port: { type: 'string', default: '4443' },
      host: { type: 'string', default: '127.0.0.1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new RangeError(`--port must be a whole number from 0 to 65535, got ${values.port}`);
  }
  return { buckets: values.bucket, port, host: values.host };
}

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2));
  if (settings === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const emulator = await startEmulator(settings);
  // Nothing else keeps the process alive once the port is given back, so it ends by itself.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => void emulator.close());
  process.stdout.write(`export STORAGE_EMULATOR_HOST=${emulator.url}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
