import { constants } from 'node:os';
import { CannotBegin, HELP, readSettings } from './args.ts';
import { Interrupted, play } from './director.ts';
import { jsonNarrator, textNarrator } from './narrator.ts';

const { stdout, stderr } = process;

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
      interruption.abort(new Interrupted(name));
    });
  }
  // Nobody reads any more, as with `| head`: then there is nothing to play for.
  stdout.on('error', () => interruption.abort(new Interrupted('the output was closed')));
  const write = (text: string): void => {
    stdout.write(text);
  };
  const hasColours = stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  const narrate = settings.isJson ? jsonNarrator(write) : textNarrator(write, hasColours);
  return play(settings, narrate, interruption.signal);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof Interrupted) {
    process.exitCode ??= 1;
    stderr.write(`demo: ended by ${error.message}; every process has ended and the lock is gone\n`);
  } else if (error instanceof CannotBegin) {
    process.exitCode = 2;
    stderr.write(`demo: ${error.message}\n`);
  } else {
    throw error;
  }
}
