import type { Operation } from './router.ts';

/**
 * One request as the emulator saw it. The last four change while the request is under way.
 */
export interface RecordedRequest {
  /** Counts all requests from 1, also those that the log has dropped. */
  readonly id: number;
  /** The emulated service's time when the request had arrived, in epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  /** The whole URL, as the client wrote it. */
  readonly url: string;
  /** The path, still percent-encoded. */
  readonly path: string;
  /** The query's parameters, decoded; of one given twice the last. */
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** What it asked for; `undefined` when the route is not imitated. */
  readonly operation: Operation | undefined;
  readonly bucket: string;
  /** The object's name, also of an insert, which names it in the query or in the body. */
  readonly object: string;
  /** The status that the store itself came to; `undefined` while, or if, it was never carried out. */
  applied: number | undefined;
  /** Whether the store answered from memory, by the idempotency token, and did nothing. */
  isReplay: boolean;
  /** The status that was sent, even to a client that had given up; `undefined` while, or if, nothing was. */
  status: number | undefined;
  /** The kinds of the faults that struck it, in order. */
  readonly faults: string[];
}

/** Whether a request would change the store if it were carried out. */
export function isMutation(request: Pick<RecordedRequest, 'method'>): boolean {
  return request.method !== 'GET' && request.method !== 'HEAD';
}

/**
 * The last requests, oldest first: iterate it, or take `all()` as an array.
 */
export class RequestLog {
  readonly #limit: number;
  readonly #entries: RecordedRequest[] = [];
  #count = 0;

  /** @param limit - how many requests are kept; older ones are dropped. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many requests there ever were, or since `clear`. */
  get count(): number {
    return this.#count;
  }

  /** The kept requests, oldest first. */
  all(): readonly RecordedRequest[] {
    return [...this.#entries];
  }

  /** The kept requests that would change the store. */
  mutations(): readonly RecordedRequest[] {
    return this.#entries.filter((entry) => isMutation(entry));
  }

  /** The last request, if there is one. */
  last(): RecordedRequest | undefined {
    return this.#entries.at(-1);
  }

  /** Forgets all requests and counts from zero again. */
  clear(): void {
    this.#entries.length = 0;
    this.#count = 0;
  }

  [Symbol.iterator](): Iterator<RecordedRequest> {
    return this.all()[Symbol.iterator]();
  }

  /** Takes a request in. Called by the handler. */
  open(request: Omit<RecordedRequest, 'id' | 'applied' | 'isReplay' | 'status' | 'faults'>): RecordedRequest {
    this.#count += 1;
    const entry: RecordedRequest = {
      ...request,
      id: this.#count,
      applied: undefined,
      isReplay: false,
      status: undefined,
      faults: [],
    };
    this.#entries.push(entry);
    if (this.#entries.length > this.#limit) this.#entries.shift();
    return entry;
  }
}
