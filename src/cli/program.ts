import { Command } from 'commander';
import { addBreak } from './commands/break.ts';
import { addClean } from './commands/clean.ts';
import { addCompletion } from './commands/completion.ts';
import { addDemo } from './commands/demo.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEmulator } from './commands/emulator.ts';
import { addEvent } from './commands/event.ts';
import { addList } from './commands/list.ts';
import { addPermits } from './commands/permits.ts';
import { addRate } from './commands/rate.ts';
import { addResources } from './commands/resources.ts';
import { addRun } from './commands/run.ts';
import { addStatus } from './commands/status.ts';
import { addWait } from './commands/wait.ts';
import { addWatch } from './commands/watch.ts';
import type { Invocation } from './invocation.ts';

/** In the order of the help. */
const COMMANDS = new Map<string, (program: Command, invocation: Invocation) => void>([
  ['run', addRun],
  ['rate', addRate],
  ['status', addStatus],
  ['list', addList],
  ['watch', addWatch],
  ['wait', addWait],
  ['event', addEvent],
  ['break', addBreak],
  ['clean', addClean],
  ['permits', addPermits],
  ['resources', addResources],
  ['doctor', addDoctor],
  ['emulator', addEmulator],
  ['demo', addDemo],
  ['completion', addCompletion],
]);

/**
 * Declares every command; or, where it is known which one is asked for, that one alone, since whoever starts a program
 * under a lock waits for it. What a command does is loaded when it is run.
 */
export function createProgram(invocation: Invocation, asked?: string): Command {
  const program = new Command('gcs-mutex')
    .description('Distributed locks on nothing but a Google Cloud Storage bucket.')
    .version(invocation.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .showSuggestionAfterError(true);
  const known = COMMANDS.get(asked ?? '');
  for (const add of known === undefined ? COMMANDS.values() : [known]) add(program, invocation);
  return program;
}
