import { parseArgs, type ParseArgsConfig } from 'node:util';

/** Why a program cannot begin: one sentence for the user, and exit code 2. */
export class CannotBegin extends Error {
  override readonly name: string = 'CannotBegin';
}

/**
 * Reads a command line as `parseArgs` of Node does.
 *
 * @throws CannotBegin
 */
export function parseCommandLine<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    // Node adds advice on what else may have been meant; the first sentence says what is wrong.
    const [sentence = ''] = error instanceof Error ? error.message.split(/\. |\n/) : [String(error)];
    throw new CannotBegin(`${sentence} (--help shows what there is)`);
  }
}

/** @throws CannotBegin unless the text is a whole number within the bounds. */
export function wholeNumber(name: string, text: string, min = 1, max = 999_999_999): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new CannotBegin(`${name} must be a whole number from ${min} to ${max}, got ${text}`);
  return value;
}

/**
 * Runs a program of this project, whose exit code is what `main` gives. A reader that goes away, such as `head`,
 * ends it quietly.
 */
export async function runProgram(name: string, main: () => Promise<number> | number): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  try {
    const exitCode = await main();
    process.exitCode ??= exitCode;
  } catch (error) {
    if (!(error instanceof CannotBegin)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exitCode = 2;
  }
}
