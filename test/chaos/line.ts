import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Told } from './messages.ts';

/** A worker's line to the counter's server. */
export class Line {
  readonly #socket: Socket;
  /** Who waits for an answer; they come in the order of the steps. */
  readonly #waiting: ((value: number) => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => this.#waiting.shift()?.(Number(line)));
    // Without a record nothing that follows counts.
    for (const emitter of [socket, lines]) emitter.on('error', () => process.exit(1));
  }

  static connect(port: number): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Line(socket));
      });
    });
  }

  /** A write to a local socket reaches the kernel before this returns: a SIGKILL cannot take it back. */
  tell(told: Told): void {
    this.#socket.write(`${JSON.stringify(told)}\n`);
  }

  /** Tells a step, and resolves with the counter's value when it was taken. */
  ask(told: Told): Promise<number> {
    this.tell(told);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  close(): void {
    this.#socket.end();
  }
}
