import type { BucketWatch } from '../bucket.ts';
import { type ChangeCall, Changes } from '../changes.ts';
import { Checker } from '../checker.ts';

/** Two ways to compute one moment may differ by this. */
const ROUNDING_MS = 1e-3;

/** Remembers what was called and what was written, in real time, and what must not have happened. */
export class Ledger implements BucketWatch {
  readonly #guards: Checker;
  readonly #judgesGuards: boolean;
  readonly #changes = new Changes();
  /** What was set from when on; empty where it was cleared. */
  readonly #payloads: { readonly payload: string; readonly atMs: number }[] = [];
  readonly #violations: string[] = [];
  readonly #lastMs = new Map<number, number>();

  constructor(judgesGuards: boolean) {
    this.#guards = new Checker(judgesGuards);
    this.#judgesGuards = judgesGuards;
  }

  get writeCount(): number {
    return this.#changes.writeCount;
  }

  /** When a process has last had something done. */
  lastMs(process: number): number {
    return this.#lastMs.get(process) ?? -Infinity;
  }

  begin(what: string, nowMs: number): ChangeCall {
    return this.#changes.begin(what, nowMs);
  }

  end(call: ChangeCall, process: number, nowMs: number, isOk: boolean): void {
    this.#changes.end(call, nowMs, isOk);
    if (isOk) this.#lastMs.set(process, nowMs);
  }

  /** A wait that began at a moment gave a payload: that of a `set` which was in effect then, or of a later one. */
  onWaited(payload: string, beganMs: number, nowMs: number): void {
    const index = this.#payloads.findIndex((set) => set.payload === payload);
    const before = this.#payloads.findLastIndex(({ atMs }) => atMs <= beganMs - ROUNDING_MS);
    if (index < 0) this.add(nowMs, `a wait gave ${payload}, which nobody had set`);
    if (index < before) this.add(nowMs, `a wait gave ${payload}, which was over when it began`);
  }

  onGuards(...of: Parameters<Checker['onGuards']>): void {
    this.#guards.onGuards(...of);
  }

  onMutation({ call, sender, nowMs }: Parameters<Checker['onMutation']>[0]): void {
    if (sender === 'admin') return;
    if (call.method === 'delete') return this.add(nowMs, 'the event is deleted');
    this.#changes.onWrite(call.metadata['writes'], nowMs);
    // What a clear keeps of the set before it is none of its own.
    const payload = call.metadata['state'] === 'set' ? (call.metadata['payload'] ?? '') : '';
    this.#payloads.push({ payload, atMs: nowMs });
  }

  add(nowMs: number, what: string): void {
    this.#violations.push(`${nowMs.toFixed(3)} ms: ${what}`);
  }

  /** Everything that went wrong until the end of the run. */
  verdict(): readonly string[] {
    const changes = this.#changes.verdict(this.#judgesGuards);
    return [...this.#violations, ...changes, ...this.#guards.judge(Infinity)];
  }
}
