import { inspect } from 'node:util';
// Each from its own file: the index would bring all of the library to whoever asks for a part of it.
import { AcquireTimeoutError, GcsMutexError } from '../errors.ts';
import { ResourcesMismatchError, ResourcesUnknownError } from '../pool/pool-errors.ts';
import { RateMismatchError } from '../rate/rate-errors.ts';
import { PermitsMismatchError, PermitsUnknownError } from '../semaphore/semaphore-errors.ts';
import { tellLimit } from './describe.ts';
import { EXIT } from './exit-codes.ts';
import { withFlags } from './flag-words.ts';

/** Why a command could not do its work, in one sentence for the user, and what the process ends with. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The library can be given credentials by the option `auth` as well. */
const FOR_COMMANDS = ', or set GOOGLE_APPLICATION_CREDENTIALS';

/** What the command line can do about it where the library's sentence speaks of its own calls. */
function messageOf(error: GcsMutexError): string {
  const { lock } = error;
  if (error instanceof PermitsMismatchError) {
    const { stored, given } = error;
    return (
      `${lock} has ${stored} permits, not ${given}: say --permits ${stored}, as all who use it must, ` +
      `or change it for everybody with gcs-mutex permits ${lock} ${given}`
    );
  }
  if (error instanceof ResourcesMismatchError) {
    const { stored, given } = error;
    return (
      `${lock} has the resources ${stored.join(',')}, not ${given.join(',')}: say --resources as all who use it must, ` +
      `or change them for everybody with gcs-mutex resources ${lock} --add or --remove`
    );
  }
  if (error instanceof PermitsUnknownError)
    return `${lock} is no semaphore yet, or was cleaned away: gcs-mutex permits ${lock} N makes it one, and so does run --permits N`;
  if (error instanceof ResourcesUnknownError)
    return `${lock} is no pool yet, or was cleaned away: gcs-mutex resources ${lock} --add a,b makes it one, and so does run --resources a,b`;
  return error.message.replace(', set GOOGLE_APPLICATION_CREDENTIALS, or pass auth', FOR_COMMANDS);
}

/** What is said of an error, and what the process ends with. */
export interface Told {
  readonly message: string;
  readonly exitCode: number;
  readonly code?: string;
  /** What lies behind it, for `--verbose`. */
  readonly causes: readonly string[];
}

/** Says of any error what the user can do. Never a stack, but where it is a fault of this program. */
export function tellFailure(error: unknown): Told {
  const causes = causesOf(error);
  if (error instanceof Failure) return { message: error.message, exitCode: error.exitCode, causes };
  if (error instanceof AcquireTimeoutError) {
    return { message: error.message, exitCode: EXIT.notAcquired, code: error.code, causes };
  }
  if (error instanceof RateMismatchError) {
    const { given, stored, lock, code } = error;
    const message =
      `${lock} allows ${tellLimit(stored)}, and --limit says ${tellLimit(given)}: say the same as all others, or ` +
      `forget what is stored with gcs-mutex break ${lock}`;
    return { message, exitCode: EXIT.failed, code, causes };
  }
  if (error instanceof GcsMutexError) {
    const facts = factsOf(error);
    return { message: messageOf(error), exitCode: EXIT.failed, code: error.code, causes: [facts, ...causes] };
  }
  if (isInvalidArgument(error)) {
    return { message: withFlags(error.message), exitCode: EXIT.failed, code: error.code, causes };
  }
  const message = `unexpected: ${error instanceof Error ? error.message : String(error)} (a fault of gcs-mutex itself; --verbose shows where)`;
  return { message, exitCode: EXIT.failed, causes: [...stackOf(error), ...causes] };
}

function isInvalidArgument(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_ARGUMENT';
}

/** What its class says of an error beside its sentence: for a search in the docs, or a report. */
function factsOf(error: GcsMutexError): string {
  const status = 'status' in error && typeof error.status === 'number' ? [`HTTP ${error.status}`] : [];
  const reason = 'reason' in error && typeof error.reason === 'string' ? [error.reason] : [];
  return [error.code, ...status, ...reason].join(', ');
}

function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  // A chain that bites its own tail must not be followed for ever.
  for (let depth = 0; depth < 10 && cause !== undefined; depth += 1) {
    causes.push(cause instanceof Error ? `${cause.name}: ${cause.message}` : inspect(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

function stackOf(error: unknown): string[] {
  return error instanceof Error && error.stack !== undefined
    ? error.stack
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
    : [];
}
