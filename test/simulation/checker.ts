import type { AcquisitionWatch } from './acquisition-watch.ts';
import type { Sender } from './bucket.ts';
import type { Span } from './machine.ts';
import { Records } from './records.ts';
import type { Call, Shown } from './wire.ts';

export interface Belief extends Span {
  readonly handle: number;
  readonly leaseId: string;
}

interface Mutation {
  readonly call: Call;
  readonly sender: Sender;
  readonly before: Shown | undefined;
  /** The moment in real time, and on the clock behind `updated`. */
  readonly nowMs: number;
  readonly serverMs: number;
}

/** Two ways to compute one moment may differ by this. */
const ROUNDING_MS = 1e-3;

/** Watches a run from outside, in real time, and remembers what must not happen. */
export class Checker {
  readonly records = new Records();
  /** Those that are under way. */
  readonly acquisitions = new Set<AcquisitionWatch>();
  readonly #judgesGuards: boolean;
  readonly #violations: string[] = [];
  readonly #past: Belief[] = [];
  readonly #present = new Map<number, { readonly leaseId: string; readonly spans: readonly Span[] }>();
  /** The leases whose records somebody took away who may, and from when until when they had none. */
  readonly #broken = new Map<string, Span>();
  readonly #takenLive: { readonly leaseId: string; readonly nowMs: number; readonly what: string }[] = [];
  #highestCounter = 0n;
  #grantCount = 0;
  #lastGrantMs = -Infinity;
  #meddledMs = -Infinity;

  /** @param judgesGuards - whether a write without its guard is wrong in itself, or only what follows from it. */
  constructor(judgesGuards = true) {
    this.#judgesGuards = judgesGuards;
  }

  get grantCount(): number {
    return this.#grantCount;
  }

  get lastGrantMs(): number {
    return this.#lastGrantMs;
  }

  /** When a stranger last wrote to the object. */
  get meddledMs(): number {
    return this.#meddledMs;
  }

  get isClean(): boolean {
    return this.#violations.length === 0;
  }

  onGrant(nowMs: number): void {
    this.#grantCount += 1;
    this.#lastGrantMs = nowMs;
  }

  /** From now on whoever has a handle believes that it holds in these spans, whatever was said before. */
  onBelief(handle: number, leaseId: string, spans: readonly Span[], nowMs: number): void {
    this.#close(handle, nowMs);
    if (spans.length > 0) this.#present.set(handle, { leaseId, spans });
  }

  /** A lease counts from a send at this moment of real time. */
  onCredit(leaseId: string, sentMs: number): void {
    const broken = this.#broken.get(leaseId);
    if (broken?.toMs === Infinity && sentMs > broken.fromMs) {
      this.add(sentMs, `lease ${leaseId} counts from a send after its record was taken away`);
    } else if (sentMs > this.records.writtenMs(leaseId)) {
      this.add(sentMs, `lease ${leaseId} counts from a send after its record was last written`);
    }
  }

  /** Somebody says at this moment that it holds: the belief that was computed for it must say so too. */
  onClaim(handle: number, nowMs: number): void {
    const spans = this.#present.get(handle)?.spans ?? [];
    const isKnown = spans.some(
      ({ fromMs, toMs }) => fromMs - ROUNDING_MS <= nowMs && nowMs < toMs + ROUNDING_MS,
    );
    if (!isKnown) this.add(nowMs, `handle ${handle} claims the lock beyond its belief`);
  }

  /** A request leaves. */
  onSent(call: Call, nowMs: number): void {
    if (this.records.onSent(call)) this.add(nowMs, 'an acquisition writes under a lease id that was held');
  }

  onGuards({ method, ifGenerationMatch, ifMetagenerationMatch }: Call, nowMs: number): void {
    if (!this.#judgesGuards) return;
    if (ifGenerationMatch === undefined) this.add(nowMs, `${method} without a generation`);
    const isReplacing = method === 'patch' || (method === 'insert' && ifGenerationMatch !== '0');
    if (isReplacing && ifMetagenerationMatch === undefined) {
      this.add(nowMs, `${method} without a metageneration`);
    }
  }

  /** A write is about to be applied. */
  onMutation(mutation: Mutation): void {
    const { call, sender, before, nowMs } = mutation;
    this.records.onMutation(call, sender, before, nowMs);
    for (const acquisition of this.acquisitions) acquisition.onRecord(this.records.present, nowMs);
    if (sender === 'admin') return this.#onAdmin(mutation);
    const leaseId = call.metadata['lease-id'];
    // An acquisition whose record was taken away may write another under its id.
    const broken = leaseId === undefined ? undefined : this.#broken.get(leaseId);
    if (leaseId !== undefined && broken !== undefined && call.method === 'insert') {
      this.#broken.set(leaseId, { ...broken, toMs: Math.min(broken.toMs, nowMs) });
    }
    this.#onCounter(call, before, nowMs);
    const replaced = before?.metadata['lease-id'];
    if (before === undefined || replaced === undefined || replaced === leaseId) return;
    if (this.records.writerOf(replaced) === sender) {
      // Its own process: a record that it surely does not believe in any more.
      if (call.method !== 'delete') this.#takenLive.push({ leaseId: replaced, nowMs, what: call.method });
      return;
    }
    const { state } = before.metadata;
    const ageMs = mutation.serverMs - before.writtenMs;
    const isOver = state === 'free' || ageMs >= Number(before.metadata['ttl-ms']) - ROUNDING_MS;
    if (call.method === 'patch') this.add(nowMs, `patch of another's record`);
    if (!isOver) this.add(nowMs, `${call.method} of another's record that is ${ageMs.toFixed(0)} ms old`);
    this.#takenLive.push({ leaseId: replaced, nowMs, what: call.method });
  }

  /** Everything that went wrong until the end of the run. */
  verdict(endMs: number, mustGrantAfterMs: number): readonly string[] {
    if (this.#lastGrantMs <= mustGrantAfterMs) this.add(endMs, 'nobody acquired after the faults stopped');
    return this.judge(endMs);
  }

  /** The same, whether or not anybody had to acquire. */
  judge(endMs: number): readonly string[] {
    const beliefs = this.beliefs(endMs);
    let last: Belief | undefined;
    for (const belief of beliefs) {
      if (last !== undefined && belief.handle !== last.handle && belief.fromMs < last.toMs - ROUNDING_MS) {
        this.add(belief.fromMs, `handles ${last.handle} and ${belief.handle} both believe`);
      }
      if (last === undefined || belief.toMs > last.toMs) last = belief;
    }
    for (const { leaseId, nowMs, what } of this.#takenLive) {
      const isLive = beliefs.some(
        ({ leaseId: id, fromMs, toMs }) => id === leaseId && fromMs <= nowMs && nowMs < toMs - ROUNDING_MS,
      );
      if (isLive) this.add(nowMs, `${what} over a live record`);
    }
    return this.#violations;
  }

  /** When anybody believed, until the end of the run: oldest first. */
  beliefs(endMs: number): readonly Belief[] {
    for (const handle of this.#present.keys()) this.#close(handle, endMs);
    return this.#past
      .flatMap((belief) => without(belief, this.#broken.get(belief.leaseId)))
      .toSorted((one, other) => one.fromMs - other.fromMs);
  }

  add(nowMs: number, what: string): void {
    this.#violations.push(`${nowMs.toFixed(3)} ms: ${what}`);
  }

  /** Somebody with the right to it takes a record away: from now on its holder may overlap with others. */
  #onAdmin({ call, before, nowMs }: Mutation): void {
    this.#meddledMs = nowMs;
    const leaseId = before?.metadata['lease-id'];
    if (leaseId === undefined || (call.method === 'patch' && !('lease-id' in call.metadata))) return;
    this.#broken.set(leaseId, { fromMs: nowMs, toMs: Infinity });
  }

  /** Every grant has a higher counter than those before it, and no release loses it. */
  #onCounter({ method, metadata }: Call, before: Shown | undefined, nowMs: number): void {
    const counter = before?.metadata['counter'];
    if (counter === undefined) return;
    if (method === 'delete') this.add(nowMs, 'a counter was deleted');
    if (method !== 'insert') return;
    const next = BigInt(metadata['counter'] ?? 0);
    if (next <= this.#highestCounter || next <= BigInt(counter))
      this.add(nowMs, `counter ${next} did not grow`);
    this.#highestCounter = next;
  }

  #close(handle: number, nowMs: number): void {
    const present = this.#present.get(handle);
    this.#present.delete(handle);
    if (present === undefined) return;
    const { leaseId } = present;
    for (const { fromMs, toMs } of present.spans) {
      if (fromMs < nowMs) this.#past.push({ handle, leaseId, fromMs, toMs: Math.min(toMs, nowMs) });
    }
  }
}

/** What is left of a belief outside a time in which it counts for nothing. */
function without(belief: Belief, broken: Span | undefined): Belief[] {
  if (broken === undefined) return [belief];
  const before = { ...belief, toMs: Math.min(belief.toMs, broken.fromMs) };
  const after = { ...belief, fromMs: Math.max(belief.fromMs, broken.toMs) };
  return [before, after].filter(({ fromMs, toMs }) => fromMs < toMs);
}
