import type { RecordedRequest } from './request-log.ts';
import type { Operation } from './router.ts';

/** An answer in place of the service's own. */
export interface StatusAction {
  readonly kind: 'status';
  readonly status: number;
  /** Default: what the service most often says with that status, such as `rateLimitExceeded` for 429. */
  readonly reason?: string;
  /** Default: `Injected fault`. */
  readonly message?: string;
  /** The whole body, in place of a Google error body. An object is sent as JSON. */
  readonly body?: string | Uint8Array | Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The connection is reset: no answer at all. */
export interface ResetAction {
  readonly kind: 'reset';
}

/** Silence until the client gives up. */
export interface StallAction {
  readonly kind: 'stall';
}

/** The request, or its answer, is this much longer under way. It arrives even if the client has given up. */
export interface DelayAction {
  readonly kind: 'delay';
  readonly ms: number;
}

/**
 * The request, or its answer, stays under way until `release()`. It arrives even if the client has given up:
 * a held request `before` is the late write that a lock has to survive.
 */
export interface HoldAction {
  readonly kind: 'hold';
}

/**
 * The request is carried out once more, as a duplicate in the network: `before` its turn, so that the client
 * sees the answer of the second execution, or `after` it, so that the client sees that of the first.
 */
export interface DuplicateAction {
  readonly kind: 'duplicate';
}

/** The service's own answer breaks off: full headers, the first bytes, then nothing more. */
export interface TruncateAction {
  readonly kind: 'truncate';
  /** How many bytes of the body arrive. Default half of them. */
  readonly bytes?: number;
  /** Whether the connection then stays open in silence, until the client gives up. Default false: it ends. */
  readonly isSilent?: boolean;
}

/** The service's own answer comes in drops. */
export interface DripAction {
  readonly kind: 'drip';
  /** Bytes in a drop. Default 1. */
  readonly bytes?: number;
  /** Milliseconds before each drop. */
  readonly everyMs: number;
}

/** The service's own status with a body that never ends. */
export interface EndlessAction {
  readonly kind: 'endless';
}

/** What can happen on the way to the service, before it has done anything. */
export type BeforeAction =
  | StatusAction
  | ResetAction
  | StallAction
  | DelayAction
  | HoldAction
  | DuplicateAction;

/** What can happen on the way back, when the service has done its work. */
export type AfterAction = BeforeAction | TruncateAction | DripAction | EndlessAction;

/** Which requests a fault strikes. All that is given has to fit; nothing given fits every request. */
export interface FaultMatch {
  readonly method?: string | readonly string[];
  readonly operation?: Operation | readonly Operation[];
  readonly bucket?: string;
  readonly object?: string | RegExp;
  /** Each parameter has to have this value; `undefined` means that it must be absent. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Any other rule. */
  readonly where?: (request: RecordedRequest) => boolean;
}

/** Whom a fault strikes, and how often. */
export interface FaultScope {
  /** Default: every request. */
  readonly match?: FaultMatch;
  /** How many matching requests pass unharmed first. Default 0. */
  readonly skip?: number;
  /** How many requests it strikes; `Infinity` until `remove()`. Default 1. */
  readonly times?: number;
}

/** A scripted failure. `before`: the request has not been carried out. `after`: it has. */
export type Fault = FaultScope &
  (
    | { readonly when: 'before'; readonly do: BeforeAction }
    | { readonly when: 'after'; readonly do: AfterAction }
  );

/** A fault that was added: what became of it, and how to end it. */
export interface ScriptedFault {
  /** The requests that it struck, in order. */
  readonly struck: readonly RecordedRequest[];
  /** Resolves when it has struck so many requests. */
  readonly strikes: (count?: number) => Promise<void>;
  /** Lets everything go that a `hold` of this fault holds now; or only the oldest so many. */
  readonly release: (count?: number) => void;
  /** Strikes no more. What it holds stays held until `release()`. */
  readonly remove: () => void;
}

/** One stroke, as the handler carries it out. */
export interface Stroke {
  readonly action: AfterAction;
  /** For `hold`: resolves on release. */
  readonly held: () => Promise<void>;
}

/** The script of failures of one emulator. */
export class Faults {
  readonly #scripts: Script[] = [];

  /**
   * Adds a failure. Faults strike in the order in which they were added; one request can be struck by several.
   *
   * @throws TypeError or RangeError for a fault that could not be carried out.
   */
  add(fault: Fault): ScriptedFault {
    checkFault(fault);
    const script = new Script(fault);
    this.#scripts.push(script);
    return {
      struck: script.struck,
      strikes: (count = 1) => script.strikes(count),
      release: (count = Number.POSITIVE_INFINITY) => script.release(count),
      remove: () => script.remove(),
    };
  }

  /** Removes every fault and lets go what they hold. */
  clear(): void {
    for (const script of this.#scripts.splice(0)) {
      script.remove();
      script.release(Number.POSITIVE_INFINITY);
    }
  }

  /**
   * The strokes that meet a request at one of its two moments. Lazy: a fault is used up only when the one
   * before it has let the request go on. Called by the handler.
   */
  *strokes(when: Fault['when'], request: RecordedRequest): Generator<Stroke> {
    // A copy: what is added while this request is held does not strike it.
    for (const script of this.#scripts.slice()) {
      if (script.fault.when === when && script.strike(request)) {
        yield { action: script.fault.do, held: () => script.hold() };
      }
    }
  }
}

class Script {
  readonly fault: Fault;
  readonly struck: RecordedRequest[] = [];
  #skip: number;
  #left: number;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  readonly #held: (() => void)[] = [];

  constructor(fault: Fault) {
    this.fault = fault;
    this.#skip = fault.skip ?? 0;
    this.#left = fault.times ?? 1;
  }

  strike(request: RecordedRequest): boolean {
    if (this.#left <= 0 || !fits(this.fault.match ?? {}, request)) return false;
    if (this.#skip > 0) {
      this.#skip -= 1;
      return false;
    }
    this.#left -= 1;
    this.struck.push(request);
    request.faults.push(this.fault.do.kind);
    for (const waiter of this.#waiting) if (this.struck.length >= waiter.count) waiter.resolve();
    return true;
  }

  strikes(count: number): Promise<void> {
    if (this.struck.length >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
    });
  }

  hold(): Promise<void> {
    return new Promise((resolve) => {
      this.#held.push(resolve);
    });
  }

  release(count: number): void {
    for (const letGo of this.#held.splice(0, count)) letGo();
  }

  remove(): void {
    this.#left = 0;
  }
}

/** Says at once what would otherwise be a fault that never strikes, or one that breaks the emulator. */
function checkFault(fault: Fault): void {
  const { kind } = fault.do;
  if (fault.when === 'before' && ['truncate', 'drip', 'endless'].includes(kind)) {
    throw new TypeError(`A fault of kind ${kind} breaks an answer, so its when must be 'after'.`);
  }
  if (fault.do.kind === 'status') {
    const { status } = fault.do;
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`The status of a fault must be a whole number from 200 to 599, got ${status}.`);
    }
  }
}

function fits(match: FaultMatch, request: RecordedRequest): boolean {
  const { method, operation, bucket, object, query, where } = match;
  if (method !== undefined && ![method].flat().includes(request.method)) return false;
  if (operation !== undefined && ![operation].flat().some((name) => name === request.operation)) return false;
  if (bucket !== undefined && bucket !== request.bucket) return false;
  if (typeof object === 'string' && object !== request.object) return false;
  if (object instanceof RegExp && request.object.search(object) < 0) return false;
  for (const [name, value] of Object.entries(query ?? {})) if (request.query[name] !== value) return false;
  return where === undefined || where(request);
}
