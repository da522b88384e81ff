import type { Content } from '../../../src/protocol/record.ts';
import type { Request } from './bucket.ts';
import type { Span } from './machine.ts';

interface Belief extends Span {
  readonly client: number;
}

interface Believer {
  readonly leaseId: string;
  readonly spans: readonly Span[];
}

/** Two ways to compute one moment may differ by this. */
const ROUNDING_MS = 1e-3;

/** Watches a run from outside, in real time, and remembers what must not happen. */
export class Checker {
  readonly #violations: string[] = [];
  readonly #past: Belief[] = [];
  readonly #present = new Map<number, Believer>();
  #highestToken = 0n;
  #grantCount = 0;
  #lastGrantMs = -Infinity;

  get grantCount(): number {
    return this.#grantCount;
  }

  get lastGrantMs(): number {
    return this.#lastGrantMs;
  }

  onGrant(counter: string | undefined, nowMs: number): void {
    this.#grantCount += 1;
    this.#lastGrantMs = nowMs;
    if (counter === undefined) return;
    if (BigInt(counter) <= this.#highestToken) this.#add(nowMs, `the token ${counter} did not grow`);
    this.#highestToken = BigInt(counter);
  }

  /** From now on a client believes that it holds in these spans, whatever was said of it before. */
  onBelief(client: number, leaseId: string, spans: readonly Span[], nowMs: number): void {
    this.#close(client, nowMs);
    if (spans.length > 0) this.#present.set(client, { leaseId, spans });
  }

  /** A client says at this moment that it holds: the belief that was computed for it must say so too. */
  onClaim(client: number, nowMs: number): void {
    const spans = this.#present.get(client)?.spans ?? [];
    if (spans.some(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs + ROUNDING_MS)) return;
    this.#add(nowMs, `client ${client} claims the lock beyond its belief`);
  }

  onGuards(request: Request): void {
    const { method, ifGenerationMatch, ifMetagenerationMatch } = request;
    if (ifGenerationMatch === undefined) this.#add(0, `a ${method} without a generation`);
    const isReplacing = method === 'patch' || (method === 'insert' && ifGenerationMatch !== '0');
    if (isReplacing && ifMetagenerationMatch === undefined)
      this.#add(0, `a ${method} without a metageneration`);
  }

  /** A write is about to be applied to an object that looks like this. */
  onMutation(request: Request, before: Content | undefined, nowMs: number): void {
    if (before?.kind !== 'record') return;
    const { leaseId, counter } = before.record;
    if (request.method === 'delete' && counter !== undefined) this.#add(nowMs, 'a counter was deleted');
    if (leaseId === request.leaseId) return;
    if (request.method !== 'insert') this.#add(nowMs, `a ${request.method} of another's record`);
    for (const believer of this.#present.values()) {
      const isLive = believer.spans.some(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
      if (isLive && believer.leaseId === leaseId) this.#add(nowMs, `a ${request.method} over a live record`);
    }
  }

  /** Everything that went wrong until the end of the run. */
  verdict(endMs: number, mustGrantAfterMs: number): readonly string[] {
    for (const client of this.#present.keys()) this.#close(client, endMs);
    if (this.#lastGrantMs <= mustGrantAfterMs) this.#add(endMs, 'nobody acquired after the faults stopped');
    let last: Belief | undefined;
    for (const belief of this.#past.toSorted((one, other) => one.fromMs - other.fromMs)) {
      if (last !== undefined && belief.client !== last.client && belief.fromMs < last.toMs) {
        this.#add(belief.fromMs, `clients ${last.client} and ${belief.client} both believe`);
      }
      if (last === undefined || belief.toMs > last.toMs) last = belief;
    }
    return this.#violations;
  }

  #close(client: number, nowMs: number): void {
    for (const { fromMs, toMs } of this.#present.get(client)?.spans ?? []) {
      if (fromMs < nowMs) this.#past.push({ client, fromMs, toMs: Math.min(toMs, nowMs) });
    }
    this.#present.delete(client);
  }

  #add(nowMs: number, what: string): void {
    this.#violations.push(`${nowMs.toFixed(3)} ms: ${what}`);
  }
}
