import { clearLine, cursorTo } from 'node:readline';
import { cutTo } from './columns.ts';

/** What a terminal shows of a Ctrl-C; beyond the last column it would begin another line. */
const ECHO_WIDTH = 2;

/** A line of a terminal that is drawn over and over. */
export class LiveLine {
  readonly #stream: NodeJS.WriteStream;
  #isDrawn = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Draws over the line, cut to the terminal's width, with room for the ^C that a terminal adds. */
  draw(text: string): void {
    this.end();
    this.#stream.write(cutTo(text, this.#stream.columns - ECHO_WIDTH - 1));
    this.#isDrawn = true;
  }

  /** Takes the line away. */
  end(): void {
    if (!this.#isDrawn) return;
    cursorTo(this.#stream, 0);
    clearLine(this.#stream, 0);
    this.#isDrawn = false;
  }
}
