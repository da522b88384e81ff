import { checkExecutable } from './executable.ts';
import { Failure } from './failures.ts';
import { findGarbled } from './invocation.ts';

/**
 * Finds whatever can be known to be wrong with a command before anything is sent.
 *
 * @param name - of the subcommand that is to start it.
 * @throws Failure
 */
export function checkCommand(command: readonly string[], name: 'run' | 'rate'): void {
  const [program] = command;
  if (program === undefined || program === '') {
    throw new Failure(
      `no command: put it after --, as in: gcs-mutex ${name}${name === 'rate' ? ' --limit 10/1m' : ''} gs://bucket/name -- ./job.sh`,
    );
  }
  const withNul = command.find((argument) => argument.includes('\0'));
  if (withNul !== undefined) {
    throw new Failure(
      `an argument of the command holds a NUL, which no program can be given: ${JSON.stringify(withNul)}`,
    );
  }
  const garbled = findGarbled(command);
  if (garbled !== undefined) {
    // The command would work on another file.
    throw new Failure(
      `an argument of the command is not UTF-8 and could not be handed on as it is: ${JSON.stringify(garbled)}; ` +
        'put the command into a script, and run that',
    );
  }
  if (process.platform === 'win32') {
    throw new Failure(
      `${name} needs process groups and signals, which Windows does not have; use the library there`,
    );
  }
  checkExecutable(program);
}
