import { styleText } from 'node:util';
import type { LearntBy } from './messages.ts';
import type { Narrator, Told } from './story.ts';
import type { Summary } from './summary.ts';

type Write = (text: string) => void;
type Style = Parameters<typeof styleText>[0];
type ToldOf<Kind extends Told['kind']> = Extract<Told, { kind: Kind }>;

/** What is said of a happening, and how it stands out from the others. */
interface Line {
  readonly text: string;
  readonly style?: Style;
}

const NAME_STYLES: readonly Style[] = ['cyan', 'magenta', 'yellow', 'blue'];

const LEARNT_BY: Readonly<Record<LearntBy, string>> = {
  sigcont: 'lease.isHeld',
  look: 'lease.isHeld',
  signal: 'lease.signal',
};

/** One JSON object a line, for programs. */
export function jsonNarrator(write: Write): Narrator {
  return (told) => {
    // What every line has comes first, for whoever reads it after all.
    const { kind, ...rest } = told;
    const time = 'atMs' in rest ? { atMs: rest.atMs } : {};
    write(`${JSON.stringify({ kind, ...time, ...rest }, roundNumber)}\n`);
  };
}

/** Plain words, a line for each happening, for people. */
export function textNarrator(write: Write, hasColours: boolean): Narrator {
  const paint: Paint = (style, text) => (hasColours ? styleText(style, text) : text);
  const teller = new Teller(paint);
  return (told) => write(teller.tell(told));
}

type Paint = (style: Style, text: string) => string;

class Teller {
  readonly #paint: Paint;
  readonly #names: string[] = [];
  /** Who said already that it waits: that the holder changes meanwhile goes without saying. */
  readonly #waiting = new Set<string>();
  #holder = '';
  /** When the holder last got or refreshed its lease. */
  #aliveAtMs = 0;

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  tell(told: Told): string {
    switch (told.kind) {
      case 'start':
        this.#names.push(...told.workers);
        return this.#start(told);
      case 'summary':
        return this.#summary(told);
      case 'scene':
        return `\n${this.#paint('bold', told.text)}\n`;
      case 'note':
        return this.#paint('yellow', note(told.text));
      case 'violation': {
        const text = `VIOLATION: ${told.overlap.workers.join(' and ')} hold the lock at once`;
        return this.#line(told.atMs, 'judge', { text, style: ['red', 'bold'] });
      }
      default: {
        const line = this.#say(told);
        return line === undefined ? '' : this.#line(told.atMs, told.worker, line);
      }
    }
  }

  #say(told: Exclude<Told, ToldOf<'start' | 'summary' | 'scene' | 'note' | 'violation'>>): Line | undefined {
    switch (told.kind) {
      case 'waiting':
        if (this.#waiting.has(told.worker)) return undefined;
        this.#waiting.add(told.worker);
        return { text: `waits: held by ${told.holder}`, style: 'dim' };
      case 'acquired':
        return this.#acquired(told);
      case 'refreshed':
        this.#aliveAtMs = told.atMs;
        return { text: `refreshed: good for ${seconds(told.remainingMs)} more`, style: 'dim' };
      case 'refresh-failed':
        return { text: `no usable answer to its refresh (${told.code})`, style: 'dim' };
      case 'in-doubt':
        return { text: 'in doubt: a refresh must tell whether it still holds', style: 'yellow' };
      case 'lost':
        return lost(told);
      case 'woke':
        // Where all is well, the loss has been told already.
        return told.isHeld ? { text: 'STILL BELIEVES in its lease on waking', style: 'red' } : undefined;
      case 'released':
        return told.wasHeld
          ? { text: `released after ${seconds(told.heldMs)}` }
          : { text: `its late release changes nothing: ${this.#holder} keeps the lock` };
      case 'release-failed':
        return { text: `could not confirm its release (${told.code}): the ttl ends it`, style: 'yellow' };
      default:
        return sayOfProcess(told, this.#holder);
    }
  }

  #acquired(told: ToldOf<'acquired'>): Line {
    const before = `${this.#holder} silent for ${seconds(told.atMs - this.#aliveAtMs)}`;
    this.#holder = told.worker;
    this.#aliveAtMs = told.atMs;
    this.#waiting.delete(told.worker);
    const cost = `${told.requestCount} ${told.requestCount === 1 ? 'request' : 'requests'}`;
    const waited = `waited ${seconds(told.waitedMs)}, ${cost}`;
    return told.wasTakenOver
      ? { text: `TAKES OVER: ${before} (${waited})`, style: ['green', 'bold'] }
      : { text: `HOLDS the lock (${waited})`, style: 'green' };
  }

  #line(atMs: number, name: string, { text, style }: Line): string {
    const time = this.#paint('dim', seconds(atMs).padStart(7));
    const nameStyle = NAME_STYLES[this.#names.indexOf(name)] ?? 'bold';
    const words = style === undefined ? text : this.#paint(style, text);
    return `${time}  ${this.#paint(nameStyle, name.padEnd(6))} ${words}\n`;
  }

  #start(told: ToldOf<'start'>): string {
    const { ttlMs, refreshIntervalMs, clockSkewMs } = told;
    const timing = `${seconds(ttlMs)}, refreshed every ${seconds(refreshIntervalMs)}; taken over ${seconds(clockSkewMs)} after its end`;
    return [
      this.#paint('bold', 'gcs-mutex: one lock, several processes, nothing but a bucket'),
      '',
      `  lock    ${told.lock}`,
      `  server  ${told.server}`,
      `  ttl     ${timing}`,
      `  seed    ${told.seed}`,
      '',
    ].join('\n');
  }

  #summary(summary: Summary): string {
    const { judge, problems } = summary;
    const isClean = judge.overlaps.length === 0;
    const closest =
      judge.closestMs === undefined ? '' : `, ${judge.closestMs.toFixed(0)} ms apart at the closest`;
    const ruling = isClean ? `never two at once${closest}` : `TWO AT ONCE, ${judge.overlaps.length} times`;
    const failed =
      summary.failedRefreshes === 0 ? '' : `; ${summary.failedRefreshes} answers were not usable`;
    return [
      '',
      this.#paint('bold', `Summary after ${seconds(summary.durationMs)}`),
      `  acquisitions  ${summary.acquisitions}, ${summary.takeovers} of them takeovers`,
      `  requests      ${summary.requestsPerAcquisition.toFixed(1)} per acquisition, waiting included; ${summary.mostRequests} at most`,
      `  longest wait  ${seconds(summary.longestWaitMs)}, by ${summary.longestWaiter ?? 'nobody'}`,
      `  refreshes     ${summary.refreshes}${failed}`,
      `  lock object   ${summary.isLockGone ? 'gone' : 'STILL THERE'}`,
      `  judge         heard of ${judge.leases} leases and ${judge.looks} looks at isHeld:`,
      `                ${this.#paint(isClean ? 'green' : 'red', ruling)}`,
      ...problems.map((problem) => this.#paint('red', `  FAILED        ${problem}`)),
      '',
    ].join('\n');
  }
}

/** What happens to a process rather than to its lease. */
function sayOfProcess(told: ToldOf<'works-on' | 'killed' | 'stopped' | 'continued'>, holder: string): Line {
  switch (told.kind) {
    case 'works-on':
      return { text: 'begins a long piece of work' };
    case 'killed':
      return { text: 'KILLED (SIGKILL): nobody is left to release its lock', style: 'red' };
    case 'stopped':
      return { text: 'STOPPED (SIGSTOP): it can neither refresh nor look', style: 'red' };
    case 'continued':
      return { text: `goes on (SIGCONT), while ${holder} holds the lock`, style: 'bold' };
    default:
      return told satisfies never;
  }
}

/** A paragraph, folded to fit a terminal. */
function note(text: string): string {
  const lines = text.match(/.{1,68}(?: |$)/g) ?? [text];
  return lines.map((line, index) => `  ${index === 0 ? 'note' : '    '}    ${line.trimEnd()}\n`).join('');
}

function lost({ reason, learntBy, afterMs }: ToldOf<'lost'>): Line {
  const text = `LOST its lease (${reason})`;
  if (afterMs === undefined) return { text, style: 'red' };
  return { text: `${text}: ${LEARNT_BY[learntBy]} says so ${afterMs.toFixed(1)} ms later`, style: 'red' };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Microseconds say nothing here, and fifteen digits of them hide what does. */
function roundNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}
