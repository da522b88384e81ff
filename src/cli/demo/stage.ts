import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { nowMs } from './clock.ts';
import { isReport, isRuling, type Order, type Part, type Report, type Ruling } from './messages.ts';
import type { Happening, SceneName, Story } from './story.ts';

/** How long a process that was told to end may take, before it is killed. */
const FAREWELL_MS = 5_000;

/** Two held at once, by the judge's word: there is nothing left to show. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export type FinalRuling = Extract<Ruling, { kind: 'verdict' }>;

/** The processes of a run: the workers and, beside them, the judge. It starts them, hears them and ends them. */
export class Stage {
  readonly story: Story;
  readonly #record: (happening: Happening) => void;
  readonly #workers = new Map<string, ChildProcess>();
  readonly #continuedAtMs = new Map<string, number>();
  readonly #stopped = new Set<string>();
  readonly #judge = start('demo-judge', []);
  #isClosing = false;

  /** @param record - gets every happening, before the scenes read it from the story. */
  constructor(story: Story, record: (happening: Happening) => void) {
    this.story = story;
    this.#record = (happening) => {
      record(happening);
      story.append(happening);
    };
    // Even a director that breaks leaves no process behind, not to speak of a stopped one.
    process.once('exit', () => this.#killAll());
  }

  /** Starts everybody, and resolves when all are ready to begin. */
  async open(parts: readonly Omit<Part, 'judgePort'>[]): Promise<void> {
    const judgePort = await this.#openJudge();
    const ready = parts.map((part) => this.#openWorker({ ...part, judgePort }));
    await Promise.all(ready);
  }

  /** Lets everybody begin at once. */
  begin(): void {
    for (const name of this.#workers.keys()) this.order(name, 'start');
  }

  scene(scene: SceneName, text: string): void {
    this.#record({ kind: 'scene', scene, text });
  }

  note(text: string): void {
    this.#record({ kind: 'note', text });
  }

  order(worker: string, kind: Order['kind']): void {
    const child = this.#workers.get(worker);
    // A process that ends just now hears nothing more, and need not.
    if (child?.connected === true) child.send({ kind } satisfies Order, () => undefined);
  }

  /** Ends a worker where it stands; its end is heard of as `killed`. */
  kill(worker: string): void {
    this.#workers.get(worker)?.kill('SIGKILL');
  }

  stop(worker: string): void {
    this.#workers.get(worker)?.kill('SIGSTOP');
    this.#stopped.add(worker);
    this.#record({ kind: 'stopped', worker });
  }

  continue(worker: string): void {
    this.#record({ kind: 'continued', worker });
    this.#stopped.delete(worker);
    this.#continuedAtMs.set(worker, nowMs());
    this.#workers.get(worker)?.kill('SIGCONT');
  }

  /** Tells every worker to release and end, and waits until all have. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const ends = [...this.#workers].map(async ([name, child]) => {
      // A stopped process hears nothing.
      if (this.#stopped.has(name)) this.continue(name);
      this.order(name, 'stop');
      await ended(child);
    });
    await Promise.all(ends);
  }

  /** The judgement over the whole run; only after `close`, since it counts what everybody said. */
  async verdict(): Promise<FinalRuling> {
    const ruled = new Promise<FinalRuling>((resolve, reject) => {
      this.#judge.on('message', (message) => {
        if (isRuling(message) && message.kind === 'verdict') resolve(message);
      });
      const fail = (): void => reject(new Error('the judge ended without a verdict'));
      this.#judge.once('exit', fail);
      if (this.#judge.connected) this.#judge.send({ kind: 'conclude' });
      else fail();
    });
    const ruling = await ruled;
    this.#judge.disconnect();
    await ended(this.#judge);
    return ruling;
  }

  #openJudge(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#judge.once('exit', () => {
        const gone = new Error('the judge ended before the play');
        reject(gone);
        this.story.fail(gone);
      });
      this.#judge.on('message', (message) => {
        if (!isRuling(message)) return;
        if (message.kind === 'listening') resolve(message.port);
        if (message.kind === 'violation') {
          this.#record(message);
          this.story.fail(new Violation('two held the lock at once'));
        }
      });
    });
  }

  #openWorker(part: Part): Promise<void> {
    const child = start('demo-worker', [JSON.stringify(part)]);
    this.#workers.set(part.name, child);
    return new Promise((resolve, reject) => {
      const fail = (message: string): void => {
        const failure = new Error(`${part.name}: ${message}`);
        reject(failure);
        this.story.fail(failure);
      };
      child.on('message', (message) => {
        if (!isReport(message)) return;
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'failed') fail(message.message);
        else this.#hear(part.name, message);
      });
      child.once('error', ({ message }) => fail(message));
      child.once('exit', (code, signal) => {
        if (signal === 'SIGKILL' && !this.#isClosing) this.#record({ kind: 'killed', worker: part.name });
        else if (!this.#isClosing) fail(`the process ended by itself (${signal ?? `exit code ${code}`})`);
      });
    });
  }

  #hear(worker: string, report: Exclude<Report, { kind: 'ready' | 'failed' }>): void {
    if (report.kind !== 'lost') return this.#record({ ...report, worker });
    const { learntAtMs, ...loss } = report;
    const continuedAtMs = this.#continuedAtMs.get(worker);
    this.#continuedAtMs.delete(worker);
    const after = continuedAtMs === undefined ? {} : { afterMs: learntAtMs - continuedAtMs };
    return this.#record({ ...loss, ...after, worker });
  }

  #killAll(): void {
    for (const child of [...this.#workers.values(), this.#judge]) child.kill('SIGKILL');
  }
}

/** Starts this very program again, in another role. */
function start(role: 'demo-judge' | 'demo-worker', args: readonly string[]): ChildProcess {
  // What the others print would get into the director's lines; only the trace of a bug may.
  return fork(process.argv[1] ?? '', [role, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
}

/** Resolves when a process has ended, by force if it takes too long; at once if it never began. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), FAREWELL_MS);
  await once(child, 'exit');
  clearTimeout(timer);
}
