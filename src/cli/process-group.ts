import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, exitCodeOfSignal } from './exit-codes.ts';
import { Failure } from './failures.ts';

const POLL_MS = 25;

/**
 * A command and whatever it starts, in a session and process group of their own, so that a signal reaches all of
 * them and nothing outlives the lock unless it leaves the group on purpose (setsid).
 */
export class ProcessGroup {
  readonly #child: ChildProcess;
  #isKilled = false;
  /** Settles when the command has been started; rejects with a {@link Failure} where it cannot be: see `cannotStart`. */
  readonly started: Promise<void>;
  /** The command's exit code, as a shell would tell it. */
  readonly ended: Promise<number>;

  /**
   * Starts a command without a shell between: each argument arrives as it is. It is there, and can be signalled, at
   * once.
   *
   * @throws Failure where the system refuses it: see `cannotStart`.
   */
  constructor([command = '', ...args]: readonly string[], env: Readonly<Record<string, string>>) {
    try {
      this.#child = spawn(command, args, {
        detached: true,
        stdio: 'inherit',
        env: { ...process.env, ...env },
      });
    } catch (error) {
      throw cannotStart(command, error);
    }
    this.started = new Promise((resolve, reject) => {
      this.#child.once('spawn', resolve);
      this.#child.once('error', (error) => reject(cannotStart(command, error)));
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        resolve(code ?? exitCodeOfSignal(signal === null ? 0 : constants.signals[signal]));
      });
    });
  }

  /** Sends a signal to every process of the group. @returns whether there is one left. */
  signal(name: NodeJS.Signals): boolean {
    return this.#kill(name);
  }

  /** Whether a process of the group is left. */
  get isAlive(): boolean {
    return this.#kill(0);
  }

  /**
   * Ends what the command left behind: asks first, and kills after some time.
   *
   * @returns whether there was anything. Of a group that was killed there is not: what is seen of it waits to be reaped.
   */
  async clear(killAfterMs: number): Promise<boolean> {
    if (this.#isKilled || !this.#kill('SIGTERM')) return false;
    this.#kill('SIGCONT');
    const until = performance.now() + killAfterMs;
    while (this.isAlive && performance.now() < until) await pause(POLL_MS);
    this.#kill('SIGKILL');
    return true;
  }

  #kill(signal: NodeJS.Signals | 0): boolean {
    this.#isKilled ||= signal === 'SIGKILL';
    const { pid } = this.#child;
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, signal);
    } catch {
      // ESRCH: nobody is left. EPERM: what is left has become another user's, who has to see to it.
      return false;
    }
  }
}

/** What the system lacks where it has no room for one more process: no fault of the command. */
const NO_ROOM = new Set<unknown>(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE']);

/** Says why a command could not be started, and with what that ends, after timeout(1). */
export function cannotStart(command: string, error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT')
    return new Failure(
      `command not found: ${command}, or the interpreter that its first line names`,
      EXIT.notFound,
    );
  const why = error instanceof Error ? error.message : String(error);
  if (NO_ROOM.has(code))
    return new Failure(`no room to start ${command}: ${why}; see the limits of processes, memory and files`);
  return new Failure(`cannot execute ${command}: ${why}`, EXIT.notExecutable);
}
