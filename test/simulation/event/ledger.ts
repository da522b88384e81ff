import type { BucketWatch } from '../bucket.ts';
import { Checker } from '../checker.ts';

/** One call of `set` or `clear`, by whomever. */
export interface ChangeCall {
  /** The ids of its writes begin so; empty before it is known. */
  idPrefix: string;
  readonly what: string;
  readonly beganMs: number;
  /** When its caller heard of its end, and whether it ended well; Infinity while it goes on. */
  endedMs: number;
  isOk: boolean;
}

/** A write that the store has carried out. */
interface Write {
  readonly id: string;
  readonly payload: string;
  readonly atMs: number;
}

/** Two ways to compute one moment may differ by this. */
const ROUNDING_MS = 1e-3;

/** How much of the ids of its writes is a call's own. */
const PREFIX_LENGTH = 28;

/** Remembers what was called and what was written, in real time, and what must not have happened. */
export class Ledger implements BucketWatch {
  readonly #guards: Checker;
  readonly #judgesGuards: boolean;
  readonly #calls: ChangeCall[] = [];
  readonly #writes: Write[] = [];
  readonly #violations: string[] = [];
  readonly #lastMs = new Map<number, number>();

  constructor(judgesGuards: boolean) {
    this.#guards = new Checker(judgesGuards);
    this.#judgesGuards = judgesGuards;
  }

  get writeCount(): number {
    return this.#writes.length;
  }

  /** When a process has last had something done. */
  lastMs(process: number): number {
    return this.#lastMs.get(process) ?? -Infinity;
  }

  begin(what: string, nowMs: number): ChangeCall {
    const call = { idPrefix: '', what, beganMs: nowMs, endedMs: Infinity, isOk: false };
    this.#calls.push(call);
    return call;
  }

  end(call: ChangeCall, process: number, nowMs: number, isOk: boolean): void {
    call.endedMs = nowMs;
    call.isOk = isOk;
    if (isOk) this.#lastMs.set(process, nowMs);
  }

  /** A wait that began at a moment gave a payload: that of a `set` which was in effect then, or of a later one. */
  onWaited(payload: string, beganMs: number, nowMs: number): void {
    const index = this.#writes.findIndex((write) => write.payload === payload);
    const before = this.#writes.findLastIndex(({ atMs }) => atMs <= beganMs - ROUNDING_MS);
    if (index < 0) this.add(nowMs, `a wait gave ${payload}, which nobody had set`);
    if (index < before) this.add(nowMs, `a wait gave ${payload}, which was over when it began`);
  }

  onGuards(...of: Parameters<Checker['onGuards']>): void {
    this.#guards.onGuards(...of);
  }

  onMutation({ call, sender, nowMs }: Parameters<Checker['onMutation']>[0]): void {
    if (sender === 'admin') return;
    if (call.method === 'delete') return this.add(nowMs, 'the event is deleted');
    const [id = ''] = (call.metadata['writes'] ?? '').split(' ');
    // What a clear keeps of the set before it is none of its own.
    const payload = call.metadata['state'] === 'set' ? (call.metadata['payload'] ?? '') : '';
    this.#writes.push({ id, payload, atMs: nowMs });
  }

  add(nowMs: number, what: string): void {
    this.#violations.push(`${nowMs.toFixed(3)} ms: ${what}`);
  }

  /** Everything that went wrong until the end of the run. */
  verdict(): readonly string[] {
    const known = this.#calls.filter(({ idPrefix }) => idPrefix !== '');
    const applied = known.map((call) => ({ call, at: this.#indicesOf(call) }));
    for (const { call, at } of applied) {
      const [first, second] = at.map((index) => this.#writes[index]?.atMs ?? Number.NaN);
      if (second !== undefined) this.add(second, `${call.what} was applied twice`);
      if (this.#judgesGuards && call.isOk && first === undefined)
        this.add(call.endedMs, `${call.what} was not applied, and ended well`);
      if (call.isOk && first !== undefined && first > call.endedMs + ROUNDING_MS)
        this.add(first, `${call.what} was applied after it had ended well`);
    }
    for (const later of applied.filter(({ call }) => call.isOk)) this.#judgeOrder(later, applied);
    return [...this.#violations, ...this.#guards.judge(Infinity)];
  }

  /** Whatever had ended before a call began, however it ended, is not applied after it. */
  #judgeOrder(
    { call, at }: { readonly call: ChangeCall; readonly at: readonly number[] },
    others: readonly { readonly call: ChangeCall; readonly at: readonly number[] }[],
  ): void {
    // One that wrote nothing has its place where it ended.
    const own = at[0] ?? this.#writes.findLastIndex(({ atMs }) => atMs <= call.endedMs);
    for (const other of others) {
      const late = other.at.find((index) => index > own);
      if (late === undefined || other.call.endedMs > call.beganMs - ROUNDING_MS) continue;
      const { atMs = Number.NaN } = this.#writes[late] ?? {};
      this.add(atMs, `${other.call.what}, which had ended before, undid ${call.what}`);
    }
  }

  #indicesOf({ idPrefix }: ChangeCall): number[] {
    return this.#writes.flatMap(({ id }, index) =>
      id.slice(0, PREFIX_LENGTH) === idPrefix.slice(0, PREFIX_LENGTH) ? [index] : [],
    );
  }
}
