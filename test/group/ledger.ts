import type { LockEvent } from '../../src/events.ts';
import { PERMITS_NAME } from '../../src/protocol/semaphore.ts';
import type { MemoryBucket } from '../../src/testing/index.ts';

/** What was got of a semaphore or a pool. */
export interface Held {
  readonly isHeld: boolean;
  readonly leaseIds: readonly string[];
  /** The locks that it is made of, as `gs://bucket/name`. */
  readonly locks: readonly string[];
  refresh(): Promise<void>;
  release(options: { readonly timeoutMs?: number; readonly signal?: AbortSignal }): Promise<boolean>;
}

/** A number of permits, and when it may have been stored. */
interface Stored {
  readonly permits: number;
  readonly fromMs: number;
  untilMs: number;
}

/** The adding of a resource: who removes it meanwhile cannot say whether it is there. */
interface Additions {
  begun: number;
  open: number;
}

/** What is known of a sequence of calls, and what of it must not be. */
export class Ledger {
  readonly wrong: string[] = [];
  /** How often calls came to what. */
  readonly counts = new Map<string, number>();
  readonly memory: MemoryBucket;
  readonly #held: { readonly held: Held; readonly sinceMs: number }[] = [];
  readonly #stored: Stored[] = [];
  readonly #additions = new Map<string, Additions>();
  readonly #outOfUse = new Set<string>();
  readonly #fates = new Map<string, LockEvent['kind']>();

  constructor(memory: MemoryBucket) {
    this.memory = memory;
  }

  get nowMs(): number {
    return this.memory.clock.passedMs;
  }

  add(what: string): void {
    this.wrong.push(`${this.nowMs.toFixed(0)} ms: ${what}`);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  readonly onEvent = ({ kind, leaseId }: LockEvent): void => {
    if (kind !== 'waiting') this.#fates.set(leaseId, kind);
  };

  /** Somebody had enough of a release, which is no failure that is published. */
  onLetBe({ leaseIds }: Held): void {
    for (const leaseId of leaseIds)
      if (this.#fates.get(leaseId) !== 'released') this.#fates.set(leaseId, 'release-failed');
  }

  /** What was heard last of a lease; undefined where its acquisition gave up. */
  fateOf(leaseId: string | undefined): LockEvent['kind'] | undefined {
    return this.#fates.get(leaseId ?? '');
  }

  /** A number of permits may be stored from now on; what is given ends that. */
  mayBeStored(permits: number): () => void {
    const stored = { permits, fromMs: this.nowMs, untilMs: Infinity };
    this.#stored.push(stored);
    return () => void (stored.untilMs = this.nowMs);
  }

  /** The number that is stored now, if any is, counts for whoever begins to acquire now. */
  noteStored(): void {
    const { emulator, bucket } = this.memory;
    const document = emulator.objects(bucket).find(({ name }) => name.endsWith(`/${PERMITS_NAME}`));
    if (document !== undefined) this.mayBeStored(Number(document.metadata?.['permits']))();
  }

  /** A resource is being added; what is given says that it surely was. */
  adding(lock: string): () => void {
    const additions = this.#additionsOf(lock);
    additions.begun += 1;
    additions.open += 1;
    this.#outOfUse.delete(lock);
    return () => void (additions.open -= 1);
  }

  /** A resource is being removed; what is given says that it was, and that nobody used it. */
  removing(lock: string): () => void {
    const additions = this.#additionsOf(lock);
    const { begun, open } = additions;
    return () => {
      if (open === 0 && additions.begun === begun) this.#outOfUse.add(lock);
    };
  }

  #additionsOf(lock: string): Additions {
    const additions = this.#additions.get(lock) ?? { begun: 0, open: 0 };
    this.#additions.set(lock, additions);
    return additions;
  }

  /** Something was got by a call that began at a moment. */
  onGot(held: Held, sinceMs: number): void {
    this.#held.push({ held, sinceMs });
    const live = this.#held.filter((each) => each.held.isHeld);
    this.#held.splice(0, Infinity, ...live);
    const locks = live.flatMap((each) => each.held.locks);
    for (const lock of locks) {
      if (locks.indexOf(lock) < locks.lastIndexOf(lock)) this.add(`${lock} is held twice`);
      if (this.#outOfUse.has(lock)) this.add(`${lock} is out of use, and held`);
    }
    const oldestMs = Math.min(...live.map((each) => each.sinceMs));
    const numbers = this.#stored.filter(({ untilMs }) => untilMs >= oldestMs).map(({ permits }) => permits);
    // A pool stores no number.
    if (numbers.length > 0 && locks.length > Math.max(...numbers))
      this.add(`${locks.length} permits are held, of ${Math.max(...numbers)}`);
  }

  /** Those of somebody's locks whose objects are still there. */
  stillThere({ leaseIds, locks }: Held): readonly string[] {
    const { emulator, bucket } = this.memory;
    return locks.filter((lock) => {
      const object = emulator.object(bucket, lock.slice(`gs://${bucket}/`.length));
      return leaseIds.includes(object?.metadata?.['lease-id'] ?? '');
    });
  }

  /** When the last request came that was to end a lock, since a moment. */
  lastDeleteMs(lock: string, sinceMs: number): number {
    const { emulator, bucket, clock } = this.memory;
    const offsetMs = clock.wallMs() - clock.passedMs;
    const deletes = emulator.requests
      .mutations()
      .filter(
        ({ method, object, at }) =>
          method === 'DELETE' && lock === `gs://${bucket}/${object}` && at >= Math.floor(offsetMs + sinceMs),
      );
    return (deletes.at(-1)?.at ?? -Infinity) - offsetMs;
  }
}
