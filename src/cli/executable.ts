import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failures.ts';

/**
 * Looks for a command as execvp(3) will, before the lock is waited for: nobody wants to wait for an hour in order to
 * hear that a name is misspelt.
 *
 * @throws Failure with 127 where there is no such file, 126 where there is one that may not be executed.
 */
export function checkExecutable(command: string, path: string | undefined = process.env['PATH']): void {
  const isPath = command.includes('/');
  // Without a PATH, execvp(3) looks where each system wants it to.
  if (path === undefined && !isPath) return;
  const candidates = isPath
    ? [command]
    : (path ?? '').split(delimiter).map((folder) => join(folder === '' ? '.' : folder, command));
  const files = candidates.filter((file) => isThere(file) ?? isPath);
  if (files.some(isExecutable)) return;
  const [file] = files;
  if (file !== undefined) {
    throw new Failure(
      `${file} cannot be executed: it is a folder, or lacks the permission`,
      EXIT.notExecutable,
    );
  }
  const where = isPath ? '' : ' in any folder of PATH';
  throw new Failure(
    `command not found: ${JSON.stringify(command)} is not there${where} (the command is started without a shell; ` +
      "for a shell's own words use sh -c '…')",
    EXIT.notFound,
  );
}

/** @returns undefined where nobody may look, as in a folder of PATH that is another user's. */
function isThere(file: string): boolean | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
