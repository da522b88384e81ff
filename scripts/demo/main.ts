import { constants } from 'node:os';
import { CannotBegin, HELP, readSettings } from './args.ts';
import { Interrupted, play } from './director.ts';
import { jsonNarrator, textNarrator } from './narrator.ts';

const { stdout, stderr } = process;

/**
 * google-auth-library warns of each way to credentials that it tried in vain. Where none was left, the error
 * says so in one line; where one was found, nobody needs to know. All other warnings are printed as ever.
 */
function hushSearchForCredentials(): void {
  const printers = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name === 'MetadataLookupWarning') return;
    for (const print of printers) print(warning);
  });
}

async function main(): Promise<number> {
  const settings = readSettings(process.argv.slice(2));
  if (settings === 'help') {
    stdout.write(HELP);
    return 0;
  }
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      process.exitCode = 128 + constants.signals[name];
      // The second time there is no more patience for cleaning up.
      if (interruption.signal.aborted) process.exit();
      interruption.abort(new Interrupted(`ended by ${name}`));
    });
  }
  // Nobody reads any more, as with `| head`: then there is nothing to play for.
  stdout.on('error', () => interruption.abort(new Interrupted('ended, since nobody reads its output')));
  const write = (text: string): void => {
    stdout.write(text);
  };
  const hasColours = stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  const narrate = settings.isJson ? jsonNarrator(write) : textNarrator(write, hasColours);
  return play(settings, narrate, interruption.signal);
}

hushSearchForCredentials();
try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof Interrupted) {
    process.exitCode ??= 1;
    const rest = error.left === undefined ? 'the lock is gone' : `${error.left} may be left`;
    stderr.write(`demo: ${error.message}; every process has ended and ${rest}\n`);
  } else if (error instanceof CannotBegin) {
    process.exitCode = 2;
    stderr.write(`demo: ${error.message}\n`);
  } else {
    throw error;
  }
}
