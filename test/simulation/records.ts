import type { Sender } from './bucket.ts';
import type { Call, Shown } from './wire.ts';

/** What became of the records of each acquisition, seen from the bucket. */
export class Records {
  /** The processes that wrote each lease id. */
  readonly #writers = new Map<string, Sender>();
  /** The lease ids whose records were taken away at least once, by whomever. */
  readonly #ended = new Set<string>();
  /** Those whose record was freed by a release. */
  readonly #released = new Set<string>();
  /** Those that were refreshed: no acquisition may write under them any more. */
  readonly #refreshed = new Set<string>();
  /** When the record of each was last written. */
  readonly #writtenMs = new Map<string, number>();
  #present: string | undefined;

  /** The lease id of the record that is there; undefined where there is none, or a free one. */
  get present(): string | undefined {
    return this.#present;
  }

  writerOf(leaseId: string): Sender | undefined {
    return this.#writers.get(leaseId);
  }

  writtenMs(leaseId: string): number {
    return this.#writtenMs.get(leaseId) ?? -Infinity;
  }

  wasEnded(leaseId: string): boolean {
    return this.#ended.has(leaseId);
  }

  wasReleased(leaseId: string): boolean {
    return this.#released.has(leaseId);
  }

  /** A request leaves; whether it begins to acquire under a lease id that was held already. */
  onSent({ method, metadata }: Call): boolean {
    const leaseId = metadata['lease-id'];
    if (leaseId === undefined) return false;
    // An operator's break leaves a free record of the same lease id, under which nobody needs to have held.
    if (method === 'patch' && metadata['state'] === 'held') this.#refreshed.add(leaseId);
    return method === 'insert' && this.#refreshed.has(leaseId);
  }

  /** A write is about to be applied. */
  onMutation(call: Call, sender: Sender, before: Shown | undefined, nowMs: number): void {
    const old = before?.metadata['lease-id'];
    const leaseId = call.method === 'delete' ? undefined : (call.metadata['lease-id'] ?? old);
    const isFree = (call.metadata['state'] ?? before?.metadata['state']) === 'free';
    const writer = old === undefined ? undefined : this.#writers.get(old);
    if (old !== undefined && (old !== leaseId || isFree)) {
      this.#ended.add(old);
      // A release is guarded by the generation alone, or leaves a free record.
      const isRelease = call.method === 'delete' ? call.ifMetagenerationMatch === undefined : old === leaseId;
      // Whose first copy was answered with a refusal cannot know that a later one went through.
      if (isRelease && writer === sender && call.isCopy !== true) this.#released.add(old);
    }
    // What a stranger edits was still made by the same process, which may delete it by its generation.
    if (leaseId !== undefined && leaseId !== old) {
      this.#writers.set(leaseId, sender === 'admin' ? (writer ?? 'admin') : sender);
    }
    if ('lease-id' in call.metadata && leaseId !== undefined) this.#writtenMs.set(leaseId, nowMs);
    this.#present = isFree ? undefined : leaseId;
  }
}
