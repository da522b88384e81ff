import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from '../../gcs/store.ts';
import { systemClock } from '../../platform/clock.ts';
import type { DeleteOutcome, ReadOutcome, SeenObject, WriteOutcome } from '../../protocol/outcome.ts';
import type { LockRecord } from '../../protocol/record.ts';
import type { Version } from '../../protocol/version.ts';
import { withTimeLimit } from '../../time-limit.ts';
import type { Times } from './figures.ts';
import { type Finding, fine, unfit, unknown, warning } from './finding.ts';
import { guardsFinding } from './guards.ts';
import { remedyFor } from './remedy.ts';
import { removeObject } from './removal.ts';

/** What a probe works with. */
export interface ProbeParts {
  /** The store of the probe's own object. */
  readonly store: Store;
  readonly signal: AbortSignal;
  /** How long one request may take, milliseconds. */
  readonly requestTimeoutMs: number;
  /** Between two writes to one object, milliseconds: Google takes about one a second. */
  readonly writePauseMs: number;
}

const READS = 20;
/** How long whoever has pressed Ctrl-C waits for the object to be removed. */
const INTERRUPTED_MS = 2_000;

/** A version that no object has, and that every store must therefore refuse. */
const WRONG_GENERATION = '1';
const WRONG_METAGENERATION = '999999';

/**
 * Does everything that a lock does, and everything that the store must refuse, on an object of its own, which it
 * removes in the end.
 */
export class Probe {
  readonly findings: Finding[] = [];
  readonly times: { reads: number[]; writes: number[] } & Times = { reads: [], writes: [] };
  /** How far the clocks are apart, milliseconds; undefined where an answer did not say. */
  serverMinusLocalMs: number | undefined;
  /** Whether its object was made, and is not known to be gone. */
  mayBeLeft = false;
  readonly #parts: ProbeParts;
  readonly #leaseId = randomBytes(16).toString('hex');
  /** What the object is, as far as is known; undefined where there is none. */
  #version: Version | undefined;
  #refreshCount = 0;
  /** When the latest write was sent, on the clock of `performance.now`. */
  #sentAt = 0;
  /** What the store did though it should have refused it. */
  readonly #unguarded: string[] = [];

  constructor(parts: ProbeParts) {
    this.#parts = parts;
  }

  /** @returns whether the store can be asked at all. */
  async run(): Promise<boolean> {
    try {
      if (!(await this.#reach())) return false;
      if (!(await this.#may('create', 'storage.objects.create', () => this.#create()))) return true;
      await this.#readTimes();
      await this.#may('refresh (patch)', 'storage.objects.update', () => this.#patch(this.#known));
      await this.#clocks();
      await this.#may('takeover (overwrite)', 'storage.objects.create and storage.objects.delete', () =>
        this.#overwrite(this.#known),
      );
      await this.#guards();
      await this.#may('release (delete)', 'storage.objects.delete', () => this.#delete(this.#known));
      this.findings.push(guardsFinding(this.#unguarded));
      return true;
    } finally {
      await this.#remove();
    }
  }

  async #reach(): Promise<boolean> {
    const outcome = await this.#get();
    if (outcome.kind === 'absent') {
      this.findings.push(fine('reachable', 'the store answers, and the bucket is there'));
      return true;
    }
    const failure = 'failure' in outcome ? outcome.failure : undefined;
    if (failure?.kind === 'permission-denied') {
      // Without list permission, that is the answer for an object that is not there.
      this.findings.push(
        warning(
          'reachable',
          `the store answers, but not whether an object is there: ${failure.detail}`,
          'grant storage.objects.get and storage.objects.list (roles/storage.objectUser has both)',
        ),
      );
      return true;
    }
    this.findings.push(
      unfit('reachable', failure?.detail ?? 'an object of the probe was there before', remedyFor(failure)),
    );
    return false;
  }

  /** Does something that needs a permission, and says whether it worked. */
  async #may(
    check: string,
    permission: string,
    act: () => Promise<WriteOutcome | DeleteOutcome>,
  ): Promise<boolean> {
    const outcome = await act();
    if (outcome.kind === 'applied') {
      this.findings.push(fine(check, 'works'));
      return true;
    }
    if (outcome.kind === 'refused') {
      this.findings.push(
        unfit(
          check,
          'the store refused it though its precondition held',
          'this store does not fit for locks; see the preconditions below',
        ),
      );
      return false;
    }
    const { failure } = outcome;
    const isDenied = failure.kind === 'permission-denied';
    const remedy = isDenied
      ? `grant ${permission} (roles/storage.objectUser has it), with the OAuth scope cloud-platform`
      : remedyFor(failure);
    const finding = failure.kind === 'unavailable' || failure.kind === 'busy' ? unknown : unfit;
    this.findings.push(finding(check, failure.detail, remedy));
    return false;
  }

  async #readTimes(): Promise<void> {
    for (let count = 0; count < READS; count += 1) {
      const sentAt = performance.now();
      const outcome = await this.#get();
      this.times.reads.push(performance.now() - sentAt);
      if (outcome.kind === 'found') this.#noteDate(outcome.object);
    }
  }

  #noteDate({ serverTime }: SeenObject): void {
    // `Date` is cut to whole seconds: half a second more is the best guess.
    if (serverTime !== undefined) this.serverMinusLocalMs = serverTime + 500 - Date.now();
  }

  /** Whether a refresh shows, and how far `updated` and `Date` of one answer are apart. */
  async #clocks(): Promise<void> {
    const outcome = await this.#get();
    if (outcome.kind !== 'found' || outcome.object.version.generation !== this.#version?.generation) return;
    const { object } = outcome;
    const isCounted = object.version.metageneration !== '1' && object.updatedAt > object.createdAt;
    this.findings.push(
      isCounted
        ? fine('refreshes show', 'metageneration and updated move with every refresh')
        : warning(
            'refreshes show',
            'metageneration or updated stays as it was when an object is patched',
            "a live lock can only be told from a dead one by watching it: takeover 'observation'",
          ),
    );
    if (object.serverTime === undefined || !isCounted) return;
    // `updated` is of the refresh, `Date` of the answer to this look, however long both took.
    const passedMs = performance.now() - this.#sentAt;
    const apartMs = Math.max(
      0,
      object.updatedAt - object.serverTime - 1_000,
      object.serverTime - object.updatedAt - passedMs - 1_000,
    );
    this.findings.push(
      apartMs <= 1_000
        ? fine("the store's clocks", 'Date and updated agree')
        : warning(
            "the store's clocks",
            `Date and updated are ${Math.round(apartMs)} ms apart`,
            `set --clock-skew (clockSkewMs) to at least ${Math.ceil(apartMs / 1_000) + 1}s`,
          ),
    );
  }

  /** Everything that must be refused. */
  async #guards(): Promise<void> {
    const { generation, metageneration } = this.#known;
    await this.#mustRefuse('a create where there is an object (ifGenerationMatch=0)', () => this.#create());
    await this.#mustRefuse('a patch of another generation', () =>
      this.#patch({ generation: WRONG_GENERATION, metageneration }),
    );
    await this.#mustRefuse('a patch of another metageneration', () =>
      this.#patch({ generation, metageneration: WRONG_METAGENERATION }),
    );
    await this.#mustRefuse('an overwrite of another generation', () =>
      this.#overwrite({ generation: WRONG_GENERATION, metageneration }),
    );
    await this.#mustRefuse('an overwrite of another metageneration', () =>
      this.#overwrite({ generation, metageneration: WRONG_METAGENERATION }),
    );
    await this.#mustRefuse('a delete of another generation', () =>
      this.#delete({ generation: WRONG_GENERATION }),
    );
  }

  async #mustRefuse(what: string, act: () => Promise<WriteOutcome | DeleteOutcome>): Promise<void> {
    const outcome = await act();
    if (outcome.kind === 'applied') this.#unguarded.push(what);
    else if (outcome.kind !== 'refused')
      this.findings.push(
        unknown('preconditions', `${what}: ${outcome.failure.detail}`, remedyFor(outcome.failure)),
      );
    // What went through has changed the object, or removed it.
    const now = await this.#get();
    if (now.kind === 'found') this.#version = now.object.version;
    else if (now.kind === 'absent') await this.#create();
  }

  get #known(): Version {
    return this.#version ?? { generation: WRONG_GENERATION, metageneration: '1' };
  }

  #record(): LockRecord {
    const holder = 'gcs-mutex doctor';
    return {
      state: 'held',
      leaseId: this.#leaseId,
      ttlMs: 60_000,
      refreshCount: this.#refreshCount,
      holder,
      metadata: {},
    };
  }

  async #create(): Promise<WriteOutcome> {
    const wasThere = this.mayBeLeft;
    this.mayBeLeft = true;
    const outcome = await this.#write((options) => this.#parts.store.create(this.#record(), options));
    // Any other has surely made nothing.
    if (outcome.kind !== 'applied' && outcome.kind !== 'unknown') this.mayBeLeft = wasThere;
    return outcome;
  }

  #patch(expected: Version): Promise<WriteOutcome> {
    this.#refreshCount += 1;
    return this.#write((options) => this.#parts.store.patch(expected, this.#record(), options));
  }

  #overwrite(expected: Version): Promise<WriteOutcome> {
    return this.#write((options) => this.#parts.store.overwrite(expected, this.#record(), options));
  }

  #delete(expected: Pick<Version, 'generation'>): Promise<DeleteOutcome> {
    return this.#write((options) => this.#parts.store.delete({ generation: expected.generation }, options));
  }

  /** Sends a write, and looks where its answer does not tell what became of it. */
  async #write<Outcome extends WriteOutcome | DeleteOutcome>(
    send: (options: { signal: AbortSignal; idempotencyToken: string }) => Promise<Outcome>,
  ): Promise<Outcome | { readonly kind: 'applied'; readonly version: Version }> {
    await pause(this.#parts.writePauseMs, undefined, { signal: this.#parts.signal });
    this.#sentAt = performance.now();
    const idempotencyToken = crypto.randomUUID();
    const outcome = await this.#within((signal) => send({ signal, idempotencyToken }));
    if (outcome.kind === 'unknown') {
      const now = await this.#get();
      if (now.kind !== 'found' || !this.#isAsWritten(now.object)) return outcome;
      this.#version = now.object.version;
      return { kind: 'applied', version: now.object.version };
    }
    if (outcome.kind === 'applied') {
      this.times.writes.push(performance.now() - this.#sentAt);
      this.#version = 'version' in outcome ? outcome.version : undefined;
    }
    return outcome;
  }

  #isAsWritten({ content }: SeenObject): boolean {
    if (content.kind !== 'record') return false;
    return content.record.leaseId === this.#leaseId && content.record.refreshCount === this.#refreshCount;
  }

  async #get(): Promise<ReadOutcome> {
    const outcome = await this.#within((signal) => this.#parts.store.get({ signal }));
    this.#parts.signal.throwIfAborted();
    return outcome;
  }

  #within<T>(work: (limit: AbortSignal) => Promise<T>): Promise<T> {
    return withTimeLimit({ clock: systemClock, settings: this.#parts }, this.#parts.signal, work);
  }

  /** Whatever is left of the probe goes, also after an interruption. */
  async #remove(): Promise<void> {
    if (!this.mayBeLeft) return;
    const { store, signal, requestTimeoutMs } = this.#parts;
    const timeoutMs = signal.aborted ? Math.min(requestTimeoutMs, INTERRUPTED_MS) : requestTimeoutMs;
    const remove = (limit: AbortSignal): Promise<boolean> => removeObject(store, this.#leaseId, limit);
    const parts = { clock: systemClock, settings: this.#parts };
    this.mayBeLeft = !(await withTimeLimit(parts, undefined, remove, timeoutMs));
  }
}
