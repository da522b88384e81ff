import type { Access } from './access.ts';
import type { Preconditions } from './preconditions.ts';
import type { ObjectChange } from './validate/object-body.ts';

/** What a resumable upload will make, as it was said when it was started. */
export interface UploadPlan {
  readonly bucket: string;
  readonly name: string;
  readonly change: ObjectChange;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  /** Held against the live object when the last byte is there, not before. */
  readonly preconditions: Preconditions;
  /** How many bytes there will be, where the start says so. */
  readonly declaredBytes: number | undefined;
  /** Whoever started it: those who send the bytes need not show who they are. */
  readonly access: Access;
}

/** Sessions that are remembered at most; the oldest goes first. Only a bound on memory. */
const MOST_KEPT = 1_000;

/** One resumable upload, from its start to a week after its end. */
export class UploadSession {
  readonly id: string;
  readonly plan: UploadPlan;
  /** Whether it was given up; its bytes are gone then. */
  isCancelled = false;
  /** The generation that it made, once it has. */
  finished: bigint | undefined;
  /** How many bytes have come. */
  heldBytes = 0;
  #chunks: Uint8Array[] = [];

  constructor(id: string, plan: UploadPlan) {
    this.id = id;
    this.plan = plan;
  }

  append(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.heldBytes += bytes.byteLength;
  }

  /** All that has come, in one piece. */
  body(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#chunks));
  }

  cancel(): void {
    this.isCancelled = true;
    this.#chunks = [];
  }

  finish(generation: bigint): void {
    this.finished = generation;
    this.#chunks = [];
  }
}

/** The resumable uploads of one emulated service. */
export class Uploads {
  readonly #sessions = new Map<string, UploadSession>();
  #count = 0;

  start(plan: UploadPlan): UploadSession {
    this.#count += 1;
    const session = new UploadSession(`upload-${this.#count}`, plan);
    this.#sessions.set(session.id, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MOST_KEPT && oldest !== undefined) this.#sessions.delete(oldest);
    return session;
  }

  find(id: string): UploadSession | undefined {
    return this.#sessions.get(id);
  }

  forget(id: string): void {
    this.#sessions.delete(id);
  }
}
