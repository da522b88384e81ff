import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The command as it is shipped: `npm test` builds it first. */
export const COMMAND = fileURLToPath(new URL('../../dist/bundle/cli.cjs', import.meta.url));

export interface StartOptions {
  /** Where the store is; the rest of the environment is the test's own. */
  readonly url: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdio?: StdioOptions;
}

/** How a process ended, and what it printed. */
export interface Ended {
  readonly code: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `gcs-mutex` at work, seen from a test. */
export class Command implements AsyncDisposable {
  readonly process: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #waiters = new Set<() => void>();
  /** Settles when it has ended: what it has left behind may go on, and print. */
  readonly exited: Promise<unknown>;
  /** Settles when all that it printed has been read, which on a busy machine is long after its end. */
  readonly #closed: Promise<void>;
  #isClosed = false;

  constructor(args: readonly string[], { url, env = {}, stdio = ['ignore', 'pipe', 'pipe'] }: StartOptions) {
    const { NO_COLOR: _colours, ...own } = process.env;
    this.process = spawn(process.execPath, [COMMAND, ...args], {
      stdio,
      env: { ...own, STORAGE_EMULATOR_HOST: url, ...env },
    });
    this.process.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.#add('stdout', chunk));
    this.process.stderr?.setEncoding('utf8').on('data', (chunk: string) => this.#add('stderr', chunk));
    this.exited = once(this.process, 'exit');
    this.#closed = new Promise((resolve) => {
      this.process.once('close', () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Waits until it has printed something. */
  async printed(stream: 'stdout' | 'stderr', what: string | RegExp): Promise<void> {
    const isThere = (): boolean =>
      typeof what === 'string' ? this[stream].includes(what) : what.test(this[stream]);
    while (!isThere()) {
      if (this.#isClosed) throw new Error(`it ended before it said ${what}: ${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => void this.#waiters.add(resolve));
    }
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  async ended(): Promise<Ended> {
    await this.#closed;
    const code = this.process.exitCode ?? this.process.signalCode;
    return { code, stdout: this.stdout, stderr: this.stderr };
  }

  /** Ends it, even if it is stopped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }

  #add(stream: 'stdout' | 'stderr', chunk: string): void {
    this[stream] += chunk;
    this.#wake();
  }

  #wake(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const wake of waiters) wake();
  }
}

/** Runs a command to its end. */
export async function runToEnd(args: readonly string[], options: StartOptions): Promise<Ended> {
  await using command = new Command(args, options);
  return await command.ended();
}

/** Puts a `gcs-mutex` into a folder. @returns the environment in which a shell finds it there. */
export async function putOnPath(folder: string): Promise<{ readonly PATH: string }> {
  const program = join(folder, 'gcs-mutex');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`);
  await chmod(program, 0o755);
  return { PATH: `${folder}${delimiter}${process.env['PATH']}` };
}
