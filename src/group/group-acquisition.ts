import { acquireLock } from '../acquisition.ts';
import {
  AcquireTimeoutError,
  errorFromFailure,
  StoreUnavailableError,
  type TimeoutDetails,
} from '../errors.ts';
import { type Group, type GroupView, survey, timeUntilFree } from './group.ts';
import type { Lease } from '../lease.ts';
import { errorContext } from '../lock.ts';
import type { Sighting } from '../protocol/acquire-state.ts';
import { nextPause, NO_BACKOFF } from '../protocol/backoff.ts';
import { choose } from '../protocol/choice.ts';
import { NO_ANSWER } from '../protocol/outcome.ts';
import type { Millis } from '../protocol/timing.ts';
import { Tally } from '../tally.ts';
import { pauseFor, withTimeLimit } from '../time-limit.ts';

/** What may be taken of a group, decided on a look at it. */
export interface Offer {
  /** The names of the locks to choose from, whoever holds them. */
  readonly names: readonly string[];
  /** How many of them may be taken now, whatever is free. Default: all that are free. */
  readonly atMost?: number;
  /** Of those that are free, which to try before the others. */
  readonly preferred?: ReadonlySet<string>;
}

/** What was wanted, and who is in the way: for the error of a wait that ran out. */
export type InVain = Pick<TimeoutDetails, 'holder' | 'several'>;

/** What is asked of a group. */
export interface GroupRequest<Value> {
  /** How many locks: all of them, or none. */
  readonly count: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** May write the document where there is none, and rejects where nothing may be taken at all. */
  offer(view: GroupView<Value>, limit: AbortSignal, tally: Tally): Promise<Offer>;
  /** Whether what was got may be kept; where not it is given back, and looked for anew. Default: it may. */
  confirm?(leases: readonly Lease[], limit: AbortSignal, tally: Tally): Promise<boolean>;
  /** @param view - what was seen last, if anything was. */
  inVain(view: GroupView<Value> | undefined): InVain;
  /** Joined into each lease's own signal. */
  readonly leaseSignal?: AbortSignal | undefined;
}

export interface GroupGranted {
  readonly kind: 'granted';
  readonly leases: readonly Lease[];
}

/** Either the leases, or what was seen where they could not be had (`try` only). */
export type GroupAcquired<Value> = GroupGranted | { readonly kind: 'held'; readonly view: GroupView<Value> };

/** Whether to wait for what cannot be had at once. */
type Mode = 'wait' | 'try';

/** How many looks `try` takes at most: it finds nothing free, or others were quicker each time. */
const MOST_LOOKS = 4;

/** How many requests to several locks are under way at once. */
const MOST_AT_ONCE = 16;

/**
 * Takes some locks of a group. Each try begins with a look, so that what the document says is of now. Of the locks that
 * may be taken some are chosen by chance, and each is tried by the one write that the look allows; whoever loses one to
 * a rival goes on to another, a few times, before looking again.
 *
 * All or nothing: what was got is given back before anything is waited for, so that two who want many cannot stand
 * in each other's way for good.
 *
 * @throws AcquireTimeoutError where a wait runs out, an error of the store, the signal's reason, or what `offer` rejects with.
 */
export function acquireFrom<Value>(
  group: Group<Value>,
  mode: 'wait',
  request: GroupRequest<Value>,
): Promise<GroupGranted>;
export function acquireFrom<Value>(
  group: Group<Value>,
  mode: Mode,
  request: GroupRequest<Value>,
): Promise<GroupAcquired<Value>>;
export function acquireFrom<Value>(
  group: Group<Value>,
  mode: Mode,
  request: GroupRequest<Value>,
): Promise<GroupAcquired<Value>> {
  const acquisition = new GroupAcquisition(group, mode, request);
  return withTimeLimit(group, request.signal, (limit) => acquisition.run(limit), request.timeoutMs);
}

class GroupAcquisition<Value> {
  readonly #group: Group<Value>;
  readonly #mode: Mode;
  readonly #request: GroupRequest<Value>;
  readonly #tally: Tally;
  #view: GroupView<Value> | undefined;

  constructor(group: Group<Value>, mode: Mode, request: GroupRequest<Value>) {
    this.#group = group;
    this.#mode = mode;
    this.#request = request;
    this.#tally = new Tally(group.clock);
  }

  async run(limit: AbortSignal): Promise<GroupAcquired<Value>> {
    try {
      return await this.#loop(limit);
    } catch (error) {
      this.#request.signal?.throwIfAborted();
      const isOver = limit.aborted && (error === limit.reason || error instanceof StoreUnavailableError);
      throw isOver ? this.#timeoutError() : error;
    }
  }

  #timeoutError(): Error {
    const { waitedMs, requestCount } = this.#tally;
    const cause = this.#tally.causeFor(this.#group);
    // Whoever does not wait has asked for an answer of the store, and for no more.
    if (this.#mode === 'try') return cause ?? errorFromFailure(NO_ANSWER, errorContext(this.#group));
    const details = { ...this.#request.inVain(this.#view), waitedMs, requestCount };
    return new AcquireTimeoutError(details, errorContext(this.#group, cause));
  }

  async #loop(limit: AbortSignal): Promise<GroupAcquired<Value>> {
    const { clock, random, settings } = this.#group;
    const { count } = this.#request;
    let backoff = NO_BACKOFF;
    for (let looks = 1; ; looks += 1) {
      const view = await survey(this.#group, limit, this.#tally);
      const offer = await this.#request.offer(view, limit, this.#tally);
      this.#view = view;
      const waits = offer.names.map((name) => ({ name, waitMs: timeUntilFree(this.#group, view, name) }));
      const ready = waits.filter(({ waitMs }) => waitMs === 0).map(({ name }) => name);
      const isThere = Math.min(ready.length, offer.atMost ?? Infinity) >= count;
      if (!isThere) this.#tally.settle();
      const leases = isThere
        ? await this.#take(view, this.#candidates(view, ready, offer), limit)
        : undefined;
      if (leases !== undefined) return { kind: 'granted', leases };
      if (this.#mode === 'try' && (!isThere || looks === MOST_LOOKS)) return { kind: 'held', view };
      const draw = random.draw();
      const [delayMs, next] = nextPause(settings.backoff, backoff, draw);
      backoff = next;
      const { minMs } = settings.backoff;
      const waitMs = isThere ? Infinity : untilEnough(waits, count);
      await pauseFor(clock, Math.min(delayMs, Math.max(waitMs, minMs) + draw * minMs), limit);
      limit.throwIfAborted();
    }
  }

  /** Takes as many as are wanted of those in the queue, or gives back what it got. */
  async #take(
    view: GroupView<Value>,
    queue: string[],
    limit: AbortSignal,
  ): Promise<readonly Lease[] | undefined> {
    const { count } = this.#request;
    const leases: Lease[] = [];
    let missing = count;
    const takeOthers = async (): Promise<void> => {
      while (missing > 0) {
        const name = queue.shift();
        if (name === undefined) return;
        missing -= 1;
        const lease = await this.#takeOne(view, name, limit);
        if (lease === undefined) missing += 1;
        else leases.push(lease);
      }
    };
    const attempts = Array.from({ length: Math.min(count, MOST_AT_ONCE) }, takeOthers);
    const failed = (await Promise.allSettled(attempts)).find(({ status }) => status === 'rejected');
    let isKept = false;
    try {
      if (failed?.status === 'rejected') throw failed.reason;
      isKept = leases.length === count && (await this.#mayKeep(leases, limit));
    } finally {
      // In the background: nobody waits for what it gives back.
      if (!isKept) for (const lease of leases) void lease[Symbol.asyncDispose]();
    }
    if (isKept) return leases;
    limit.throwIfAborted();
    return undefined;
  }

  async #mayKeep(leases: readonly Lease[], limit: AbortSignal): Promise<boolean> {
    const isWanted = (await this.#request.confirm?.(leases, limit, this.#tally)) ?? true;
    return isWanted && !limit.aborted && leases.every(isHeld);
  }

  /** Some more than are wanted, in random order; the free ones before those whose holders seem to be dead. */
  #candidates(view: GroupView<Value>, ready: readonly string[], { preferred }: Offer): string[] {
    const { count } = this.#request;
    const most = 2 * count + 2;
    const left = ready.filter((name) => view.locks.has(name));
    const free = ready.filter((name) => !view.locks.has(name));
    const [first, others] = [true, false].map((wanted) =>
      free.filter((name) => (preferred?.has(name) ?? false) === wanted),
    );
    return [first, others, left].flatMap((names = []) => this.#chosen(names, most)).slice(0, most);
  }

  #chosen(from: readonly string[], most: number): string[] {
    const draws = Array.from({ length: Math.min(most, from.length) }, () => this.#group.random.draw());
    return choose(from, draws);
  }

  async #takeOne(view: GroupView<Value>, name: string, limit: AbortSignal): Promise<Lease | undefined> {
    const seen: Sighting = {
      sentAt: view.sentAt,
      read: view.locks.get(name)?.read ?? { outcome: { kind: 'absent' } },
    };
    const { leaseSignal } = this.#request;
    const options = {
      mode: 'once',
      timeoutMs: Infinity,
      signal: limit,
      leaseSignal,
      seen,
      tally: this.#tally,
    } as const;
    const acquired = await acquireLock(this.#group.lock(name), options);
    return acquired.kind === 'granted' ? acquired.lease : undefined;
  }
}

function isHeld(lease: Lease): boolean {
  return lease.isHeld;
}

/** How long until as many as are wanted may be taken, if nobody gives one back before. */
function untilEnough(waits: readonly { readonly waitMs: Millis }[], count: number): Millis {
  return waits.map(({ waitMs }) => waitMs).toSorted((one, other) => one - other)[count - 1] ?? Infinity;
}
