import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { GcsMutexOptions } from '../../src/index.ts';
import type { Command, Message } from './client.ts';

const CLIENT = fileURLToPath(new URL('../../dist/test/process/client.js', import.meta.url));

/** How it is started, beside what its lock is given. */
export interface Start {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether a shell starts it as a job of its own, so that SIGTSTP stops it as it does what runs in a terminal. */
  readonly isJob?: boolean;
}

/**
 * SIGTSTP does nothing to a group of processes that nobody in its session watches from outside, such as that of a
 * process which leads a session of its own.
 */
const AS_JOB = {
  execPath: 'bash',
  execArgv: ['-c', 'set -m; "$0" "$@" & exec 2>/dev/null; wait -f $!', process.execPath],
};

type MessageOf<Kind extends Message['kind']> = Extract<Message, { readonly kind: Kind }>;

/** A process that uses a lock, seen from the test: what it said, in order, and a way to wait for more. */
export class Child {
  /** The process, or the shell whose job it is. */
  readonly process: ChildProcess;
  readonly #isJob: boolean;
  /** Everything that it printed: the library must never print. */
  output = '';
  readonly #messages: Message[] = [];
  readonly #waiters = new Set<() => void>();

  constructor(bucket: string, name: string, options: GcsMutexOptions, { env, isJob }: Start = {}) {
    this.#isJob = isJob === true;
    this.process = fork(CLIENT, [bucket, name, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
      ...(this.#isJob ? AS_JOB : {}),
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.process.on('message', (message: Message) => {
      this.#messages.push(message);
      for (const wake of this.#waiters) wake();
    });
    this.process.on('exit', () => {
      for (const wake of this.#waiters) wake();
    });
  }

  tell(command: Command): void {
    this.process.send(command);
  }

  /** How many messages there were so far: a point in time for {@link next}. */
  get heard(): number {
    return this.#messages.length;
  }

  /** Whether it has said something of a kind. */
  heardOf(kind: Message['kind']): boolean {
    return this.#messages.some((message) => message.kind === kind);
  }

  /** Until when its lease lasts, or has lasted, by what it said last: by the wall clock. */
  get deadlineAt(): number {
    const said = this.#messages.flatMap((message) =>
      'remainingMs' in message && 'at' in message ? [message] : [],
    );
    return Math.max(...said.map(({ at, remainingMs }) => at + remainingMs));
  }

  /** The first message of a kind since a point in time; waits for it, and fails if it can come no more. */
  next<Kind extends Message['kind']>(kind: Kind, since = 0): Promise<MessageOf<Kind>> {
    return this.either([kind], since);
  }

  /** The first message of some kinds. A lease that is to be refreshed may be lost where the machine gave it no time. */
  async either<Kind extends Message['kind']>(kinds: readonly Kind[], since = 0): Promise<MessageOf<Kind>> {
    for (;;) {
      const said = this.#messages.slice(since);
      const found = said.find((message): message is MessageOf<Kind> =>
        kinds.some((kind) => message.kind === kind),
      );
      if (found !== undefined) return found;
      const failed = said.find(({ kind }) => kind === 'failed');
      const what = kinds.join(' or ');
      if (failed !== undefined) throw new Error(`before it said ${what}: ${JSON.stringify(failed)}`);
      if (this.hasEnded)
        throw new Error(`the process ended before it said ${what}; it printed: ${this.output}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          resolve();
        };
        this.#waiters.add(wake);
      });
    }
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** How it ended: its exit code, or the signal. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    if (!this.hasEnded) await once(this.process, 'exit');
    return this.process.exitCode ?? this.process.signalCode;
  }

  /** Sends a signal to the process itself, whoever started it. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const { pid } = await this.next('ready');
    process.kill(pid, signal);
  }

  /** Waits until a signal has stopped it, where the machine tells: elsewhere a signal is taken at its word. */
  async stopped(): Promise<void> {
    const { pid } = await this.next('ready');
    const file = `/proc/${pid}/stat`;
    while (existsSync(file) && !/\) T /.test(await readFile(file, 'utf8'))) {
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
  }

  /** Ends it, even if it is stopped. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isJob && !this.hasEnded) await this.kill('SIGKILL');
    else this.process.kill('SIGKILL');
    await this.ended();
  }
}
