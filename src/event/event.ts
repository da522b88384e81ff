import { checkCallOptions, checkOptionNames, timeout } from '../arguments.ts';
import type { Components } from '../components.ts';
import { connect } from '../connection.ts';
import { type Document, editDocument, openDocument, readDocument } from '../document.ts';
import { driveToEnd } from '../drive-to-end.ts';
import { errorFromFailure, StoreUnavailableError } from '../errors.ts';
import { outOfRange, wrongType } from '../gcs/invalid-argument.ts';
import type { BucketLike } from '../gcs/types.ts';
import { errorContext } from '../lock.ts';
import { lockFromUrl, resolveName } from '../lock-name.ts';
import type { AcquireOptions, CallOptions } from '../mutex.ts';
import type { DocumentOptions } from '../options.ts';
import type { SeenDocument } from '../protocol/document-state.ts';
import {
  clearEvent,
  EVENT,
  type EventState,
  MAX_PAYLOAD_BYTES,
  NEVER_SET,
  setEvent,
} from '../protocol/event-record.ts';
import {
  type EventWaitEnd,
  type EventWaitSettings,
  startEventWait,
  waitForEvent,
} from '../protocol/event-wait.ts';
import { encodeText } from '../protocol/text.ts';
import { otherObject } from '../reading.ts';
import { DOCUMENT_OPTION_NAMES } from '../settings.ts';
import type { LockVersion } from '../status.ts';
import { Tally } from '../tally.ts';
import { WaitTimeoutError } from './wait-timeout.ts';

/** The settings of an event, all optional; those of a lock that have to do with requests. */
export type GcsEventOptions = DocumentOptions;

/** How an event stands, by one read. */
export interface EventStatus {
  /** Whether it was set, and not cleared since. */
  readonly isSet: boolean;
  /** What the latest `set` brought, also after a `clear`; empty where it brought nothing or there was none. */
  readonly payload: string;
  /** How often it was set so far. It begins at 0 again when `clean` has removed the event. */
  readonly setCount: number;
  /** When it was last set or cleared, by the server's clock; undefined where it never was. */
  readonly since: Date | undefined;
  /** Which state of the object this is; undefined where there is none. */
  readonly version: LockVersion | undefined;
}

/** What `nextSet` takes. */
export interface NextSetOptions extends AcquireOptions {
  /** Waits for a later `set` than the one with this number. Default: than those made before this call. */
  readonly after?: number | undefined;
}

/** How many requests' time a change is tried for: others may be quicker a few times. */
const CHANGE_REQUESTS = 3;

/**
 * Something that one process says and others wait for: it is set, with a few words if need be, until it is cleared.
 *
 * One object in a bucket. Nobody holds it, and who crashes leaves it as it is.
 */
export class GcsEvent {
  /** As `gs://bucket/name`. */
  readonly url: string;
  readonly #document: Document<EventState>;

  /**
   * Does no I/O.
   *
   * @param bucket - a bucket's name, or a `Bucket` of `@google-cloud/storage` 7 or 8.
   * @param name - the object's name, 1 to 1 024 bytes of UTF-8, such as `events/imported`.
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  constructor(
    bucket: string | BucketLike,
    name: string,
    options: GcsEventOptions = {},
    components: Components = {},
  ) {
    const at = resolveName(bucket, name);
    checkOptionNames(options, 'options', DOCUMENT_OPTION_NAMES);
    this.#document = openDocument(connect(bucket, options, components), at, EVENT);
    this.url = this.#document.url;
  }

  /**
   * The event at a `gs://bucket/name` URL.
   *
   * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong arguments.
   */
  static fromUrl(url: string, options: GcsEventOptions = {}, components: Components = {}): GcsEvent {
    const { bucket, name } = lockFromUrl(url);
    return new GcsEvent(bucket, name, options, components);
  }

  /**
   * Sets the event, also where it is set already: whoever waits gets the payload. A call that rejects may have set it,
   * or may do so later, but never once it was set or cleared anew.
   *
   * @param payload - a few words for those who wait: at most 6 000 bytes, of which a printable character of ASCII
   * takes one, and any other, and `%`, three for each of its bytes of UTF-8. Never a secret.
   * @param options - `timeoutMs` is how long to try; default 3 x `requestTimeoutMs`.
   * @returns which `set` it was, for `nextSet({ after })`: the first is 1.
   * @throws RangeError (`ERR_INVALID_ARGUMENT`) before any I/O when the payload is too long; a `GcsMutexError` when
   * the store refuses or gives no usable answer in time; the signal's reason when aborted.
   */
  async set(payload = '', options: AcquireOptions = {}): Promise<number> {
    checkPayload(payload);
    const { setCount } = await this.#change((before) => setEvent(before, payload), options);
    return setCount;
  }

  /**
   * Clears the event, also where it is not set: a `set` that is still under way from before, in whatever process, can
   * then no longer take effect.
   *
   * @param options - `timeoutMs` is how long to try; default 3 x `requestTimeoutMs`.
   * @throws a `GcsMutexError` when the store refuses or gives no usable answer in time; the signal's reason when
   * aborted.
   */
  async clear(options: AcquireOptions = {}): Promise<void> {
    await this.#change(clearEvent, options);
  }

  /** Whether the event is set, by one read; see `status`. */
  async isSet(options: CallOptions = {}): Promise<boolean> {
    return (await this.status(options)).isSet;
  }

  /**
   * How the event stands, by one read.
   *
   * @throws ForeignObjectError when the object under the name is no event, NewerVersionError when a newer version of
   * this library wrote it; another `GcsMutexError` when the store refuses or gives no usable answer within
   * `requestTimeoutMs`.
   */
  async status(options: CallOptions = {}): Promise<EventStatus> {
    checkCallOptions(options);
    const seen = await readDocument(this.#document, options.signal);
    return seen === undefined ? { ...NEVER_SET, since: undefined, version: undefined } : eventStatusOf(seen);
  }

  /**
   * Waits until the event is set, by reads with growing pauses, and gives the payload: at once where it is set. A
   * `set` that was cleared again between two reads counts as well. A `set` that was cleared before the first read
   * does not; for that, or to miss none of several, use `nextSet`.
   *
   * @param options - `timeoutMs` is `Infinity` by default.
   * @throws WaitTimeoutError when it was not set in time, with a StoreUnavailableError as its `cause` where the store
   * did not answer in the end; another `GcsMutexError` when the store refuses; the signal's reason when aborted.
   */
  async wait(options: AcquireOptions = {}): Promise<string> {
    return (await this.whenSet(options)).payload;
  }

  /**
   * As `wait`, and gives the status: by its `setCount` a call of `nextSet` goes on from there.
   *
   * @throws as `wait`.
   */
  async whenSet(options: AcquireOptions = {}): Promise<EventStatus> {
    checkCallOptions(options, ['timeoutMs']);
    return this.#until({ takesOld: true }, options);
  }

  /**
   * Waits for a later `set` than a certain one, whether the event is set or cleared by then. It gives the latest: of
   * several since then, only their number tells.
   *
   * @param options - `after` is the `setCount` that was seen last.
   * @throws as `wait`.
   */
  async nextSet(options: NextSetOptions = {}): Promise<EventStatus> {
    checkCallOptions(options, ['after', 'timeoutMs']);
    const { after } = options;
    if (after !== undefined && !(Number.isSafeInteger(after) && after >= 0))
      throw outOfRange('after', after, 'a setCount: a whole number, at least 0');
    return this.#until({ takesOld: false, after }, options);
  }

  async #change(
    change: (before: EventState | undefined) => EventState,
    options: AcquireOptions,
  ): Promise<EventState> {
    checkCallOptions(options, ['timeoutMs']);
    const { requestTimeoutMs } = this.#document.settings;
    const changed = await editDocument<EventState, never>(this.#document, {
      // Always a write, though it may change nothing: only that keeps out a write of another call from before.
      decide: (seen) => ({ kind: 'write', value: change(seen?.value) }),
      // Deciding anew could undo what others did after it was done.
      whenUnclear: 'fail',
      timeoutMs: timeout('timeoutMs', options.timeoutMs ?? CHANGE_REQUESTS * requestTimeoutMs),
      signal: options.signal,
    });
    return changed.kind === 'written' ? changed.value : changed.why;
  }

  async #until(
    what: Pick<EventWaitSettings, 'takesOld' | 'after'>,
    { timeoutMs: given = Infinity, signal }: AcquireOptions,
  ): Promise<EventStatus> {
    const timeoutMs = timeout('timeoutMs', given);
    const { clock, settings } = this.#document;
    const tally = new Tally(clock);
    const { requestTimeoutMs, backoff } = settings;
    const waiting = { ...what, requestTimeoutMs, backoff, untilMs: tally.startedMs + timeoutMs };
    const first = await this.#drive(waiting, signal, tally);
    // Without permission to list, the store says 403 for an object that is not there.
    if (first.kind !== 'failed' || first.failure.kind !== 'permission-denied')
      return this.#settle(first, tally);
    try {
      await editDocument(this.#document, {
        decide: (seen) =>
          seen === undefined ? { kind: 'write', value: NEVER_SET } : { kind: 'leave', why: seen },
        whenUnclear: 'decide-anew',
        timeoutMs: waiting.untilMs - clock.now().monotonicMs,
        signal,
        tally,
      });
    } catch (error) {
      const isOver = error instanceof StoreUnavailableError && clock.now().monotonicMs >= waiting.untilMs;
      throw isOver ? this.#timeoutError(tally) : error;
    }
    return this.#settle(await this.#drive(waiting, signal, tally), tally);
  }

  #drive(waiting: EventWaitSettings, signal: AbortSignal | undefined, tally: Tally): Promise<EventWaitEnd> {
    const at = this.#document.clock.now();
    const timeoutMs = waiting.untilMs - at.monotonicMs;
    const limits = { timeoutMs, signal, timerKind: 'foreground', tally } as const;
    return driveToEnd(this.#document, waitForEvent, startEventWait(waiting, at), limits);
  }

  #timeoutError(tally: Tally): WaitTimeoutError {
    return new WaitTimeoutError(tally, errorContext(this.#document, tally.causeFor(this.#document)));
  }

  #settle(end: EventWaitEnd, tally: Tally): EventStatus {
    const context = errorContext(this.#document);
    switch (end.kind) {
      case 'met':
        return eventStatusOf(end.seen);
      case 'timed-out':
        throw this.#timeoutError(tally);
      case 'other':
        throw otherObject(end.object, end.content, context);
      case 'failed':
        throw errorFromFailure(end.failure, context);
      default:
        return end satisfies never;
    }
  }
}

/** How an event stands, as a reading shows it. */
export function eventStatusOf({ value, updatedAt, version }: SeenDocument<EventState>) {
  return { ...value, since: new Date(updatedAt), version } satisfies EventStatus;
}

function checkPayload(payload: unknown): asserts payload is string {
  if (typeof payload !== 'string') throw wrongType('payload', payload, 'a string');
  if (/\p{Surrogate}/u.test(payload)) throw outOfRange('payload', payload, 'well-formed Unicode');
  const { length } = encodeText(payload);
  if (length > MAX_PAYLOAD_BYTES) {
    const rule = `at most ${MAX_PAYLOAD_BYTES} bytes, of which what is not printable ASCII, and "%", takes three for each of its bytes of UTF-8`;
    throw outOfRange('payload', payload, rule, ` (${length} bytes)`);
  }
}
