import type { Emulator, RecordedRequest } from '../../emulator/index.ts';

/** How a record came to be taken over, by the server's clock: no process that is slow changes any of it. */
export interface Takeover {
  /** When, and how long after the last change of the record. */
  readonly at: number;
  readonly ageMs: number;
  /** How many reads before it, after the very first, had shown beyond doubt that the record was stale. */
  readonly staleLooks: number;
}

/** One request that was carried out, and when the object was last changed by then. */
interface Done {
  readonly request: RecordedRequest;
  readonly updated: number | undefined;
}

/** What becomes of one object, from now on. */
export class TakeoverWatch {
  readonly #done: Done[] = [];
  #wake: (() => void) | undefined;

  /** @param name - of the object, or what only the names of one object fit. */
  constructor(server: Emulator, bucket: string, name: string | RegExp) {
    // A fault that never strikes: it is asked about each request right after the store carried it out.
    const where = (request: RecordedRequest): boolean => {
      this.#done.push({ request, updated: server.object(bucket, request.object)?.updated });
      this.#wake?.();
      return false;
    };
    const match = { object: name, where };
    server.faults.add({ when: 'after', times: Infinity, do: { kind: 'delay', ms: 0 }, match });
  }

  /** The requests that were carried out since one of them, by their methods. */
  methodsSince(count: number): readonly string[] {
    return this.#done.slice(count).map(({ request }) => request.method);
  }

  /** How many requests were carried out so far. */
  get count(): number {
    return this.#done.length;
  }

  get hasTakenOver(): boolean {
    return this.#done.some(({ request }) => isTakeover(request));
  }

  /** How long after its last change the record was taken over, each time. */
  get ages(): readonly number[] {
    return this.#done.flatMap(({ request }, index) =>
      isTakeover(request) ? [request.at - (this.#done[index - 1]?.updated ?? Number.NaN)] : [],
    );
  }

  /**
   * The first takeover; waits for it.
   *
   * @param staleAfterMs - how long after its last change the record may be taken over.
   */
  async first(staleAfterMs: number): Promise<Takeover> {
    while (!this.hasTakenOver) await this.#next();
    const index = this.#done.findIndex(({ request }) => isTakeover(request));
    const { request } = this.#done[index] ?? { request: { at: Number.NaN } };
    const before = this.#done.slice(0, index);
    const updated = before.at(-1)?.updated ?? Number.NaN;
    // Whoever has just begun to wait may write again only a moment after its first read.
    const [, ...reads] = before.filter((each) => each.request.method === 'GET');
    // `Date` is cut to seconds.
    const isStale = ({ at }: RecordedRequest): boolean =>
      Math.floor(at / 1_000) * 1_000 - updated >= staleAfterMs;
    const looks = reads.filter((each) => each.updated === updated && isStale(each.request));
    return { at: request.at, ageMs: request.at - updated, staleLooks: looks.length };
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

function isTakeover({ operation, query, applied }: RecordedRequest): boolean {
  return operation === 'objects.insert' && query['ifGenerationMatch'] !== '0' && applied === 200;
}
