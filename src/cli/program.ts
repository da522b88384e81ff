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

/** Declares every command. What a command does is loaded when it is asked for. */
export function createProgram(invocation: Invocation): Command {
  const program = new Command('gcs-mutex')
    .description('Distributed locks on nothing but a Google Cloud Storage bucket.')
    .version(invocation.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .showSuggestionAfterError(true);
  for (const add of [
    addRun,
    addRate,
    addStatus,
    addList,
    addWatch,
    addWait,
    addEvent,
    addBreak,
    addClean,
    addPermits,
    addResources,
    addDoctor,
    addEmulator,
    addDemo,
  ])
    add(program, invocation);
  addCompletion(program);
  return program;
}
