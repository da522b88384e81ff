import { CannotBegin, type DemoOptions, settingsOf } from './demo/args.ts';
import { Interrupted, play } from './demo/director.ts';
import { jsonNarrator, textNarrator } from './demo/narrator.ts';
import { Interruption } from './interruption.ts';
import { hasColours } from './paint.ts';

const CANNOT_BEGIN = 2;
const WENT_WRONG = 1;

/** Plays the demo. @returns what the process ends with: 0 all as shown, 1 not, 2 could not begin. */
export async function demoCommand(options: DemoOptions): Promise<number> {
  const { stdout, stderr } = process;
  using interruption = new Interruption();
  const end = new AbortController();
  interruption.signal.addEventListener('abort', () => {
    const { reason }: { reason: unknown } = interruption.signal;
    end.abort(new Interrupted(reason instanceof Error ? reason.message : 'ended'));
  });
  // Nobody reads any more, as with `| head`: then there is nothing to play for, but the processes have to be ended.
  stdout.removeAllListeners('error');
  stdout.on('error', () => end.abort(new Interrupted('ended, since nobody reads its output')));
  const write = (text: string): void => void stdout.write(text);
  try {
    const settings = settingsOf(options);
    const narrate = settings.isJson ? jsonNarrator(write) : textNarrator(write, hasColours(stdout));
    return await play(settings, narrate, end.signal);
  } catch (error) {
    if (error instanceof Interrupted) {
      const rest = error.left === undefined ? 'the lock is gone' : `${error.left} may be left`;
      stderr.write(`demo: ${error.message}; every process has ended and ${rest}\n`);
      return interruption.exitCode === 0 ? WENT_WRONG : interruption.exitCode;
    }
    if (!(error instanceof CannotBegin)) throw error;
    stderr.write(`demo: ${error.message}\n`);
    return CANNOT_BEGIN;
  }
}
