import type { Process } from './process.ts';

/** What happened in a run: always as a hash, and in words where somebody wants to read it. */
export class Story {
  readonly #keepsLines: boolean;
  readonly #lines: string[] = [];
  #hash = 0x811c_9dc5;

  constructor(keepsLines: boolean) {
    this.#keepsLines = keepsLines;
  }

  get hash(): number {
    return this.#hash >>> 0;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** @param process - to whom it happens; undefined for what comes from outside. */
  tell(process: Process | undefined, atMs: number, code: number, text: () => string): void {
    this.#mix(process?.number ?? 0);
    this.#mix(code);
    this.#mix(Math.floor(atMs * 1000));
    if (!this.#keepsLines) return;
    const who = process === undefined ? '' : `process ${process.number}: `;
    this.#lines.push(`${atMs.toFixed(3).padStart(10)}  ${who}${text()}`);
  }

  #mix(number: number): void {
    this.#hash = Math.imul(this.#hash ^ number, 0x0100_0193);
  }
}
