import type { SeenObject } from '../../../src/protocol/outcome.ts';
import { decodeRecord, encodeRecord, type LockRecord } from '../../../src/protocol/record.ts';
import type { Checker } from './checker.ts';

/** A request as it reaches the store. */
export interface Request {
  readonly method: 'get' | 'insert' | 'patch' | 'delete';
  /** Who sent it: known to the checker, not to the store. */
  readonly leaseId: string;
  readonly ifGenerationMatch?: string;
  readonly ifMetagenerationMatch?: string;
  readonly record?: LockRecord;
}

export type Answer =
  | { readonly status: 200; readonly object: SeenObject }
  | { readonly status: 204 }
  | { readonly status: 404 }
  | { readonly status: 412 };

interface Stored {
  readonly metadata: Readonly<Record<string, string>>;
  readonly object: Omit<SeenObject, 'serverTime'>;
}

/** The number of generations that one run may use; more than it ever does, and prime. */
const GENERATIONS = 1_000_003;

/**
 * The one object of a bucket, as the documentation promises it and no better: generations are unique but do
 * not increase, metagenerations start at 1 in each, and the clock behind `Date` is not the one behind `updated`.
 */
export class Bucket {
  readonly #epochMs: number;
  readonly #dateSkewMs: number;
  readonly #dateStepMs: number;
  readonly #checker: Checker;
  #stored: Stored | undefined;
  #generationCount: number;

  /**
   * @param dateSkewMs - how far the clock behind `Date` is ahead of the one behind `updated`.
   * @param dateStepMs - what `Date` is cut to: a second, as in life; or less, which is harder on holders.
   */
  constructor(checker: Checker, epochMs: number, dateSkewMs: number, dateStepMs: number) {
    this.#checker = checker;
    this.#dateStepMs = dateStepMs;
    this.#epochMs = epochMs;
    this.#dateSkewMs = dateSkewMs;
    this.#generationCount = Math.floor(epochMs % GENERATIONS);
  }

  /** Carries a request out at one moment. */
  execute(request: Request, nowMs: number): Answer {
    const stored = this.#stored;
    if (request.method === 'get') return stored === undefined ? { status: 404 } : this.#shown(stored, nowMs);
    this.#checker.onGuards(request);
    const wanted = request.ifGenerationMatch;
    if (stored === undefined && wanted !== undefined && wanted !== '0') return { status: 404 };
    if (wanted !== undefined && wanted !== (stored?.object.version.generation ?? '0')) return { status: 412 };
    const wantedMeta = request.ifMetagenerationMatch;
    if (wantedMeta !== undefined && wantedMeta !== stored?.object.version.metageneration) {
      return { status: 412 };
    }
    this.#checker.onMutation(request, stored?.object.content, nowMs);
    return this.#mutate(request, stored, nowMs);
  }

  /** Somebody who knows nothing of locks edits a key of their own. */
  editOtherKeys(nowMs: number): void {
    if (this.#stored !== undefined) this.#patch(this.#stored, { color: 'blue' }, nowMs);
  }

  /** Puts a record there before anybody looks. */
  begin(record: LockRecord): void {
    this.#insert(record, 0);
  }

  #mutate(request: Request, stored: Stored | undefined, nowMs: number): Answer {
    if (request.method === 'delete') {
      this.#stored = undefined;
      return { status: 204 };
    }
    if (request.record === undefined) throw new Error('a write without a record');
    if (request.method === 'insert') return this.#shown(this.#insert(request.record, nowMs), nowMs);
    if (stored === undefined) return { status: 404 };
    return this.#shown(this.#patch(stored, encodeRecord(request.record), nowMs), nowMs);
  }

  #insert(record: LockRecord, nowMs: number): Stored {
    this.#generationCount += 1;
    const generation = String(1 + ((this.#generationCount * 387_413) % GENERATIONS));
    const updatedAt = this.#epochMs + nowMs;
    return this.#store(encodeRecord(record), { generation, metageneration: '1' }, updatedAt, updatedAt);
  }

  #patch(stored: Stored, changes: Readonly<Record<string, string>>, nowMs: number): Stored {
    const { version, createdAt } = stored.object;
    const next = { ...version, metageneration: String(Number(version.metageneration) + 1) };
    return this.#store({ ...stored.metadata, ...changes }, next, createdAt, this.#epochMs + nowMs);
  }

  #store(
    metadata: Stored['metadata'],
    version: SeenObject['version'],
    createdAt: number,
    updatedAt: number,
  ): Stored {
    this.#stored = { metadata, object: { version, content: decodeRecord(metadata), createdAt, updatedAt } };
    return this.#stored;
  }

  #shown(stored: Stored, nowMs: number): Answer {
    const dateMs = this.#epochMs + nowMs + this.#dateSkewMs;
    const serverTime = Math.floor(dateMs / this.#dateStepMs) * this.#dateStepMs;
    return { status: 200, object: { ...stored.object, serverTime } };
  }
}
