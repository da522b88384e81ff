/** The time that passes between two writes on one object, in milliseconds. The service allows one a second. */
const INTERVAL_MS = 1_100;

/** Time as pacing needs it, so that a test can let it pass. */
export interface PaceClock {
  /** Milliseconds from any origin. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Keeps the writes on each object a second apart, as Google asks for ("Quotas and limits"), counted from the answer to
 * one until the next leaves. Writes at once become writes in turn. Reads never wait.
 */
export class Pacer {
  readonly #clock: PaceClock;
  /** When the last write on each object was answered. */
  readonly #turns = new Map<string, Promise<number>>();

  constructor(clock: PaceClock) {
    this.#clock = clock;
  }

  run<T>(method: string, url: string, send: () => Promise<T>): Promise<T> {
    if (method === 'GET') return send();
    const object = objectOf(url);
    const { now, sleep } = this.#clock;
    const before = this.#turns.get(object) ?? Promise.resolve(-Infinity);
    const sent = before.then(async (answeredAt) => {
      await sleep(Math.max(0, answeredAt + INTERVAL_MS - now()));
      return send();
    });
    this.#turns.set(object, sent.then(now, now));
    return sent;
  }
}

/** The object that a write is about: an upload names it in the query, all others in the path. */
function objectOf(url: string): string {
  const { pathname, searchParams } = new URL(url);
  return searchParams.get('name') ?? decodeURIComponent(pathname.slice(pathname.indexOf('/o/') + 3));
}
