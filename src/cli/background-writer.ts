import { write } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/** How soon a pipe is tried again that is full and says so, which happens where somebody made it so for all. */
const FULL_POLL_MS = 50;
/** How many texts may wait: whoever has stopped reading must not fill the memory. */
const MOST_WAITING = 1_000;

/**
 * Writes to a file descriptor, one text after the other, on another thread: a pipe whose reader has stopped reading,
 * and a terminal after Ctrl-S, hold up whoever writes. What has not been written yet keeps the process alive.
 */
export class BackgroundWriter {
  readonly #fd: number;
  #last: Promise<void> = Promise.resolve();
  #waitingCount = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Writes a text after those before it. One that cannot be written is lost; so is one too many. */
  write(text: string): void {
    if (this.#waitingCount >= MOST_WAITING) return;
    this.#waitingCount += 1;
    this.#last = this.#last.then(() => this.#writeAll(Buffer.from(text)));
  }

  /** Settles when all that it has been given until now is written, or lost. */
  get written(): Promise<void> {
    return this.#last;
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(await writeSome(this.#fd, rest));
    } catch {
      // A disk that is full, a pipe that nobody reads any more: that ends no lock and no command.
    } finally {
      this.#waitingCount -= 1;
    }
  }
}

/** @returns how many bytes were written. */
async function writeSome(fd: number, bytes: Buffer): Promise<number> {
  try {
    return (await promisify(write)(fd, bytes)).bytesWritten;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    await pause(FULL_POLL_MS);
    return 0;
  }
}
