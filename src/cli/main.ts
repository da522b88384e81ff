#!/usr/bin/env node
import { createRequire } from 'node:module';
import { type Command, CommanderError } from 'commander';
import { addCompletionRequests } from './commands/completion.ts';
import { EXIT } from './exit-codes.ts';
import { Failure, tellFailure } from './failures.ts';
import { findGarbled, splitCommandLine } from './invocation.ts';
import { type NoteOptions, Notes } from './notes.ts';
import { createProgram } from './program.ts';
import { cutWords } from './text.ts';

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

/** The package knows itself by name, wherever this file has been put. */
function readVersion(): string {
  const own: unknown = createRequire(import.meta.url)('gcs-mutex/package.json');
  const version: unknown = typeof own === 'object' && own !== null ? Reflect.get(own, 'version') : undefined;
  return String(version);
}

/** Those that start a command. */
const STARTING: ReadonlySet<string> = new Set(['run', 'rate']);

/** @returns what the process ends with. */
async function main(argv: readonly string[]): Promise<number> {
  const isCompletion = argv[0] === 'complete';
  const { own, command } = isCompletion ? { own: argv, command: undefined } : splitCommandLine(argv);
  let exitCode: number = EXIT.ok;
  const onExitCode = (code: number): void => void (exitCode = code);
  const program = createProgram({ version: readVersion(), command, onExitCode }, argv[0]);
  let options: NoteOptions = {};
  program.hook('preAction', (_program, parsed) => {
    options = parsed.opts();
    // A shell that asks what could stand there gets whatever fits.
    const garbled = isCompletion ? undefined : findGarbled(own);
    if (garbled !== undefined)
      parsed.error(
        `error: an argument is not UTF-8, or holds U+FFFD, and would be taken for another: ${JSON.stringify(garbled)}`,
      );
    if (command === undefined || STARTING.has(parsed.name())) return;
    // It must not be passed over in silence: whoever wrote it takes it to be started.
    parsed.error(
      `error: only run and rate start a command, not ${parsed.name()}: leave out what begins with --`,
    );
  });
  for (const each of [program, ...program.commands]) {
    each.exitOverride();
    const hint = command === undefined && STARTING.has(each.name()) ? '; a command goes behind --' : '';
    each.configureOutput({
      outputError: (text) => sayMisuse(cutWords(text, argv), each, hint, own.includes('--json')),
    });
  }
  try {
    if (isCompletion) await addCompletionRequests(program);
    await program.parseAsync([...own], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help and version end with 0 here; what was wrong with the arguments has been said.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.failed;
    return say(error, options, argv);
  }
}

/** Says what is wrong with the arguments, on one line, and where it is told how to do better. */
function sayMisuse(text: string, command: Command, hint: string, json: boolean): void {
  const sentence = text
    .trim()
    .replace(/^error: /, '')
    .replaceAll('\n', ' ');
  const names = command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
  const message = `${sentence} (see ${names} --help${hint})`;
  const fact = { event: 'error', code: 'ERR_INVALID_ARGUMENT', message, exitCode: EXIT.failed };
  new Notes({ json }).warn(message, fact);
}

/** @param argv - what the sentence may repeat of. */
function say(error: unknown, options: NoteOptions, argv: readonly string[]): number {
  const { exitCode, code, ...told } = tellFailure(error);
  const message = cutWords(told.message, argv);
  const causes = told.causes.map((cause) => cutWords(cause, argv));
  const notes = new Notes(options);
  const fact = { event: 'error', code, message, exitCode };
  notes.warn(message, options.verbose === true ? { ...fact, causes } : fact);
  for (const cause of causes) notes.detail(`  ${cause}`);
  return exitCode;
}

/** What cannot be printed must not pass for a success; what cannot be said ends no lock and no command. */
function watchOutput(): void {
  process.stderr.on('error', () => {});
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    process.stdout.on('error', () => {});
    // Nobody reads any more, as with `| head`: what is left to print interests nobody.
    const isUnread = error.code === 'EPIPE';
    const exitCode = isUnread
      ? undefined
      : say(new Failure(`the result cannot be written: ${error.message}`), {}, []);
    // What has been said before is on its way still where standard error is a pipe.
    process.stderr.write('', () => process.exit(exitCode));
  });
}

/** What the file does when it is run. A function, since the command is shipped as CommonJS, which cannot await by itself. */
async function start(argv: readonly string[]): Promise<void> {
  hushSearchForCredentials();
  watchOutput();
  let hasEnded = false;
  // Node would end with 0, and without a word, where the command waits for something that never comes.
  process.once('beforeExit', () => {
    if (!hasEnded) process.exitCode = say(new Error('there is nothing left to wait for'), {}, argv);
  });
  process.exitCode = await main(argv);
  hasEnded = true;
}

void start(process.argv.slice(2));
