import { setTimeout as pause } from 'node:timers/promises';
import { BackgroundWriter } from './background-writer.ts';
import { canDraw } from './drawing.ts';
import type { LiveLine } from './live-line.ts';
import { jsonLine, oneLine } from './text.ts';

/** How long the last word before an end at once may take. */
const LAST_WORD_MS = 1_000;

/** How much is said. */
export interface NoteOptions {
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** A fact for programs: its name, and what belongs to it. */
export interface Fact {
  readonly event: string;
  readonly [key: string]: unknown;
}

/**
 * What the command says beside its result, on standard error: standard output belongs to results, and in `run`
 * to the command alone.
 */
export class Notes {
  readonly #options: NoteOptions;
  readonly #refine: (fact: Fact) => Fact;
  readonly #stream = process.stderr;
  #background: BackgroundWriter | undefined;
  #line: LiveLine | undefined;

  /** @param refine - what becomes of a fact before it is told. */
  constructor(options: NoteOptions, refine: (fact: Fact) => Fact = (fact) => fact) {
    this.#options = options;
    this.#refine = refine;
  }

  /** Whether there is a line that can be drawn over and over. */
  get isLive(): boolean {
    return canDraw(this.#stream) && this.#options.json !== true && this.#options.quiet !== true;
  }

  /** Something that went as it should. */
  info(text: string, fact?: Fact): void {
    if (this.#options.quiet !== true) this.#say(text, fact);
  }

  /** Something that of people only whoever looks for a fault wants to know; a program picks what it wants. */
  detail(text: string, fact?: Fact): void {
    const { verbose, json, quiet } = this.#options;
    if (verbose === true || (json === true && quiet !== true)) this.#say(text, fact);
  }

  /** Something that is not as it should be; said always. */
  warn(text: string, fact?: Fact): void {
    this.#say(text, fact);
  }

  /** Prepares a live line where there can be one: what draws it is loaded for nobody else. */
  async prepareLive(): Promise<void> {
    if (!this.isLive) return;
    const { LiveLine: Line } = await import('./live-line.ts');
    this.#line = new Line(this.#stream);
  }

  /** Draws over the live line. */
  live(text: string): void {
    this.#line?.draw(text);
  }

  /** Takes the live line away. */
  endLive(): void {
    this.#line?.end();
  }

  /** From now on nobody who has stopped reading holds this process up; there is no live line any more. */
  writeInBackground(): void {
    this.endLive();
    this.#line = undefined;
    this.#background ??= new BackgroundWriter(this.#stream.fd);
  }

  /**
   * Ends the process once its last word is said, whatever else goes on. Where nobody reads that it dies by SIGINT: a
   * write that is under way would hold up an orderly end.
   */
  async exitAfter(exitCode: number, text: string, fact: Fact): Promise<void> {
    this.writeInBackground();
    this.warn(text, fact);
    const said = this.#background?.written.then(() => true);
    if (await Promise.race([said, pause(LAST_WORD_MS, false)])) process.exit(exitCode);
    process.removeAllListeners('SIGINT');
    process.kill(process.pid, 'SIGINT');
  }

  #say(text: string, fact: Fact | undefined): void {
    this.endLive();
    const writer = this.#background ?? this.#stream;
    if (this.#options.json !== true) writer.write(`gcs-mutex: ${oneLine(text)}\n`);
    else if (fact !== undefined) writer.write(jsonLine(this.#refine(fact)));
  }
}
