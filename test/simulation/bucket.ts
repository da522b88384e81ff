import type { TransportRequest } from '../../src/gcs/transport.ts';
import type { Checker } from './checker.ts';
import { type Answer, type Call, type Metadata, readRequest, type Shown } from './wire.ts';

/** How the store of one world behaves where the documentation leaves it free. */
export interface BucketNature {
  /** The server's time at the beginning, milliseconds since 1970. */
  readonly epochMs: number;
  /** How far the clock behind `Date` is ahead of the one behind `updated`. */
  readonly dateSkewMs: number;
  /** The same of another server, which gives every other answer. Default: there is none. */
  readonly otherDateSkewMs?: number;
  /** Whether mutations beyond a ration, after a burst of two, are answered with 429. */
  readonly isRationed: boolean;
  /** What a guarded patch or delete of a missing object is answered with. */
  readonly missingStatus: 404 | 412;
}

/** Who is told of what is asked of a bucket. */
export type BucketWatch = Pick<Checker, 'onGuards' | 'onMutation'>;

/** The number of generations that one run may use; more than it ever does, and prime. */
const GENERATIONS = 1_000_003;

const BURST = 2;

/** How long after a mutation the next is allowed, beyond the burst: everything here is twice as fast as in life. */
const RATION_MS = 500;

/** Who sends a request: a process by its number, or somebody who knows nothing of the lock's rules. */
export type Sender = number | 'admin';

/**
 * The one object of a bucket, as the documentation promises it and no better: generations are unique but do
 * not increase, metagenerations start at 1 in each, and the clock behind `Date` is not the one behind `updated`.
 */
export class Bucket {
  readonly #nature: BucketNature;
  readonly #checker: BucketWatch;
  #object: Shown | undefined;
  #generationCount: number;
  #answerCount = 0;
  /** Mutations that may still go through at once, and since when. */
  #allowance = BURST;
  #allowanceMs = 0;

  constructor(checker: BucketWatch, nature: BucketNature) {
    this.#checker = checker;
    this.#nature = nature;
    this.#generationCount = Math.floor(nature.epochMs % GENERATIONS);
  }

  get object(): Shown | undefined {
    return this.#object;
  }

  /** A request to it, and to nothing else. */
  read(request: TransportRequest): Call {
    return readRequest(request);
  }

  /** Carries a call out at one moment of real time. */
  execute(call: Call, sender: Sender, nowMs: number): Answer {
    const object = this.#object;
    if (call.method === 'get')
      return object === undefined ? this.#say(404, nowMs) : this.#show(object, nowMs);
    if (sender !== 'admin') this.#checker.onGuards(call, nowMs);
    if (sender !== 'admin' && !this.#isAllowed(nowMs)) return this.#say(429, nowMs);
    const wanted = call.ifGenerationMatch;
    if (object === undefined && wanted !== '0' && wanted !== undefined) {
      return this.#say(call.method === 'insert' ? 412 : this.#nature.missingStatus, nowMs);
    }
    if (wanted !== undefined && wanted !== (object?.generation ?? '0')) return this.#say(412, nowMs);
    const wantedMeta = call.ifMetagenerationMatch;
    if (wantedMeta !== undefined && wantedMeta !== object?.metageneration) return this.#say(412, nowMs);
    this.#checker.onMutation({ call, sender, before: object, nowMs, serverMs: this.#nature.epochMs + nowMs });
    return this.#mutate(call, object, nowMs);
  }

  /** Puts a record there before anybody looks. */
  begin(metadata: Metadata): void {
    this.#insert(metadata, 0);
  }

  #mutate(call: Call, object: Shown | undefined, nowMs: number): Answer {
    if (call.method === 'insert') return this.#show(this.#insert(call.metadata, nowMs), nowMs);
    if (object === undefined) return this.#say(404, nowMs);
    if (call.method === 'delete') {
      this.#object = undefined;
      return this.#say(204, nowMs);
    }
    const metageneration = String(Number(object.metageneration) + 1);
    const metadata = { ...object.metadata, ...call.metadata };
    const updatedMs = this.#nature.epochMs + nowMs;
    const writtenMs = 'lease-id' in call.metadata ? updatedMs : object.writtenMs;
    this.#object = { ...object, metageneration, metadata, updatedMs, writtenMs };
    return this.#show(this.#object, nowMs);
  }

  #insert(metadata: Metadata, nowMs: number): Shown {
    this.#generationCount += 1;
    const generation = String(1 + ((this.#generationCount * 387_413) % GENERATIONS));
    const atMs = this.#nature.epochMs + nowMs;
    const times = { createdMs: atMs, updatedMs: atMs, writtenMs: atMs };
    this.#object = { generation, metageneration: '1', metadata, ...times };
    return this.#object;
  }

  #isAllowed(nowMs: number): boolean {
    if (!this.#nature.isRationed) return true;
    this.#allowance = Math.min(BURST, this.#allowance + (nowMs - this.#allowanceMs) / RATION_MS);
    this.#allowanceMs = nowMs;
    if (this.#allowance < 1) return false;
    this.#allowance -= 1;
    return true;
  }

  #show(shown: Shown, nowMs: number): Answer {
    return { status: 200, dateMs: this.#date(nowMs), shown };
  }

  #say(status: Answer['status'], nowMs: number): Answer {
    return { status, dateMs: this.#date(nowMs) };
  }

  #date(nowMs: number): number {
    const { epochMs, dateSkewMs, otherDateSkewMs = dateSkewMs } = this.#nature;
    this.#answerCount += 1;
    return epochMs + nowMs + (this.#answerCount % 2 === 0 ? dateSkewMs : otherDateSkewMs);
  }
}
