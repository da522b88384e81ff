import type { Emulator } from '../../emulator/index.ts';
import type { Transport } from '../../src/gcs/transport.ts';
import { through } from './way.ts';

/** The header by which a request that arrives is known to be one that was sent. */
const CALL_HEADER = 'x-test-call';

/** How many turns of the event loop without traffic let everything else come to rest; as many as without a network. */
const QUIET_TURNS = 12;

/** A request that somebody waits for: on its way, in the store's hands, or its answer on the way back. */
type Phase = 'sent' | 'arrived' | 'answered' | 'dripping' | 'broken';

/**
 * What is under way between the locks of this worker and their stores, both of which live in it.
 *
 * A driven clock may go on only when nothing moves any more: every request that was sent has arrived, and every
 * answer that was given has been taken. A request that the store holds, delays or leaves without an answer
 * does not move, nor does an answer that its client waits for in vain.
 */
class Traffic {
  readonly #calls = new Map<string, Phase>();
  #sleeping = 0;
  /** How many requests the locks have sent. */
  sentCount = 0;
  /** How the senders of what has arrived call themselves. */
  readonly userAgents = new Set<string>();

  /** The same transport, with its requests counted. */
  watching(transport: Transport): Transport {
    return async (request, signal) => {
      const id = String((this.sentCount += 1));
      this.#calls.set(id, 'sent');
      try {
        return await transport({ ...request, headers: { ...request.headers, [CALL_HEADER]: id } }, signal);
      } finally {
        this.#calls.delete(id);
      }
    };
  }

  /** The same store, with what it gets and answers counted. */
  serving({ handler, requests }: Emulator): Emulator['handler'] {
    return async (request) => {
      const id = request.headers.get(CALL_HEADER) ?? '';
      this.userAgents.add(request.headers.get('user-agent') ?? '');
      this.#reach(id, 'arrived');
      try {
        return await handler(request);
      } finally {
        const faults = requests.all().findLast(({ headers }) => headers[CALL_HEADER] === id)?.faults;
        this.#reach(id, phaseAfter(faults ?? []));
      }
    };
  }

  /** The same sleep, counted: an answer that drips on it does not move meanwhile. */
  sleeping(sleep: (ms: number) => Promise<void>): (ms: number) => Promise<void> {
    return async (ms) => {
      this.#sleeping += 1;
      await sleep(ms);
      this.#sleeping -= 1;
    };
  }

  /** Resolves when nothing moves. */
  async rest(): Promise<void> {
    const givingUpAt = performance.now() + 120_000;
    for (let quiet = 0; quiet < QUIET_TURNS; quiet = this.#isMoving() ? 0 : quiet + 1) {
      if (performance.now() > givingUpAt) throw new Error(`no rest: ${[...this.#calls.values()].join(', ')}`);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  }

  /** Nothing of one test is under way in the next. */
  clear(): void {
    this.#calls.clear();
    this.userAgents.clear();
    this.sentCount = 0;
  }

  #reach(id: string, phase: Phase): void {
    if (this.#calls.has(id)) this.#calls.set(id, phase);
  }

  #isMoving(): boolean {
    for (const phase of this.#calls.values()) {
      if (phase === 'sent' || phase === 'answered') return true;
      if (phase === 'dripping' && this.#sleeping === 0) return true;
    }
    return false;
  }
}

/** Where an answer is that the store has given, after what struck it. */
function phaseAfter(faults: readonly string[]): Phase {
  if (faults.includes('drip')) return 'dripping';
  return faults.includes('truncate') && through().missesBrokenAnswers === true ? 'broken' : 'answered';
}

/** The traffic of this worker. */
export const traffic = new Traffic();

/** Lets what is under way come to rest, in whatever way the project's locks reach their stores. */
export function rest(): Promise<void> {
  return traffic.rest();
}
