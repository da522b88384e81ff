/**
 * What `gcs-mutex` itself ends with, after timeout(1). A command that `run` started hands on its own exit code,
 * and 128 + n where signal n ended it; that a command may use one of these numbers as well is so for timeout(1), too.
 */
export const EXIT = {
  ok: 0,
  /** The lease was lost while the command ran. */
  lost: 123,
  /** Somebody else holds the lock, or a wait ran out without an answer; `--conflict-exit-code` changes it. */
  notAcquired: 124,
  /** A failure of our own: wrong arguments, no credentials, a store that does not answer one who does not wait. */
  failed: 125,
  notExecutable: 126,
  notFound: 127,
  /** A second Ctrl-C, where no command has ended that could say another: as a shell tells of SIGINT. */
  interrupted: 130,
} as const;

/** What a shell says of a process that a signal ended. */
export function exitCodeOfSignal(number: number): number {
  return 128 + number;
}
