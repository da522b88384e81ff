import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type ScratchFolder, scratchFolder } from './scratch.ts';

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;
const BYTES = Buffer.alloc(65_536);

/** A pipe as a shell makes it, of which nobody reads before it is asked to. What Node makes for a child is a socket. */
export class UnreadPipe implements AsyncDisposable {
  /** Its end to write to, which waits where there is no room. */
  readonly fd: number;
  /** The same, which says so instead. */
  readonly hastyFd: number;
  readonly #reader: number;
  readonly #folder: ScratchFolder;

  private constructor(folder: ScratchFolder, path: string) {
    this.#folder = folder;
    this.#reader = openSync(path, O_RDONLY | O_NONBLOCK);
    this.fd = openSync(path, O_WRONLY);
    this.hastyFd = openSync(path, O_WRONLY | O_NONBLOCK);
  }

  static async open(): Promise<UnreadPipe> {
    const folder = await scratchFolder();
    const path = join(folder.path, 'pipe');
    execFileSync('mkfifo', [path]);
    return new UnreadPipe(folder, path);
  }

  /** Fills it. */
  fill(): void {
    untilHeldUp(() => writeSync(this.hastyFd, 'x'.repeat(4_096)));
  }

  /** Reads what is there. */
  read(): string {
    let text = '';
    untilHeldUp(() => (text += BYTES.toString('utf8', 0, readSync(this.#reader, BYTES))));
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const fd of [this.#reader, this.fd, this.hastyFd]) closeSync(fd);
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Does something over and over until the system says that it cannot be done now. */
function untilHeldUp(act: () => void): void {
  try {
    for (;;) act();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
  }
}
