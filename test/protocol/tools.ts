import { acquire, type AcquireStep } from '../../src/protocol/acquire.ts';
import { type AcquireSettings, type AcquireState, startAcquiring } from '../../src/protocol/acquire-state.ts';
import {
  type Grant,
  type HoldSettings,
  type HoldState,
  startHolding,
} from '../../src/protocol/hold-state.ts';
import type {
  DeleteOutcome,
  Failure,
  ReadOutcome,
  SeenObject,
  WriteOutcome,
} from '../../src/protocol/outcome.ts';
import type { LockContent, LockRecord } from '../../src/protocol/record.ts';
import type { ReleaseSettings } from '../../src/protocol/release.ts';
import type { ProtocolEvent } from '../../src/protocol/step.ts';
import type { Instant, Millis } from '../../src/protocol/timing.ts';
import type { Version } from '../../src/protocol/version.ts';

/** Lease ids of the client under test, of another one, and of a new attempt of the first. */
export const OURS = 'a'.repeat(32);
export const THEIRS = 'b'.repeat(32);
export const NEXT = 'c'.repeat(32);

export const TTL_MS = 60_000;

/** A moment `ms` after the start, of which the machine slept `sleptMs` in addition. */
export function at(ms: Millis, sleptMs: Millis = 0): Instant {
  return { monotonicMs: ms, elapsedMs: ms + sleptMs };
}

/** The defaults of the library. */
export const HOLD_SETTINGS: HoldSettings = {
  timing: { ttlMs: TTL_MS, marginMs: 6_000 },
  refreshIntervalMs: 20_000,
  requestTimeoutMs: 10_000,
  mutationIntervalMs: 1_000,
  backoff: { minMs: 100, maxMs: 2_000, factor: 2 },
  maxHoldMs: Infinity,
};

export const ACQUIRE_SETTINGS: AcquireSettings = {
  mode: 'wait',
  record: { ttlMs: TTL_MS, holder: 'tester', metadata: {} },
  rules: { clockSkewMs: 2_000, takeover: 'server-clock' },
  backoff: HOLD_SETTINGS.backoff,
  hold: HOLD_SETTINGS,
};

export const RELEASE_SETTINGS: ReleaseSettings = {
  requestTimeoutMs: 10_000,
  mutationIntervalMs: 1_000,
  backoff: HOLD_SETTINGS.backoff,
  untilMs: 1_000_000,
};

export function version(generation: number, metageneration: number): Version {
  return { generation: String(generation), metageneration: String(metageneration) };
}

export function record(changes: Partial<LockRecord> = {}): LockRecord {
  const { ttlMs, holder, metadata } = ACQUIRE_SETTINGS.record;
  return { state: 'held', leaseId: OURS, ttlMs, refreshCount: 0, holder, metadata, ...changes };
}

/** A record of somebody else. */
export function theirs(changes: Partial<LockRecord> = {}): LockRecord {
  return record({ leaseId: THEIRS, holder: 'other', ...changes });
}

/** An object as a read shows it: just written, by the server's clocks, unless `changes` say otherwise. */
export function seen(
  content: LockRecord | LockContent,
  of: Version,
  changes: Partial<SeenObject> = {},
): SeenObject {
  return {
    version: of,
    content: 'kind' in content ? content : { kind: 'record', record: content },
    updatedAt: 1_000_000_000_000,
    createdAt: 1_000_000_000_000,
    serverTime: 1_000_000_000_000,
    ...changes,
  };
}

/** The same object when the server's clocks say that its time is over. */
export function staleOf(content: LockRecord, of: Version): SeenObject {
  return seen(content, of, { serverTime: 1_000_000_000_000 + content.ttlMs + 2_000 });
}

export function failure(kind: Failure['kind'] = 'unavailable'): Failure {
  return { kind, detail: 'as the test says' };
}

export const UNKNOWN: WriteOutcome & DeleteOutcome = { kind: 'unknown', failure: failure() };
export const REFUSED: WriteOutcome & DeleteOutcome = { kind: 'refused' };
export const BUSY: WriteOutcome & DeleteOutcome = { kind: 'not-applied', failure: failure('busy') };
export const FORBIDDEN = { kind: 'failed', failure: failure('permission-denied') } as const;
export const ABSENT: ReadOutcome = { kind: 'absent' };

export function applied(of: Version): WriteOutcome {
  return { kind: 'applied', version: of };
}

export function found(object: SeenObject): ReadOutcome {
  return { kind: 'found', object };
}

/** Chance is half of everything unless a test says otherwise. */
const DRAW = 0.5;

export function tick(when: Instant): ProtocolEvent {
  return { kind: 'tick', at: when, draw: DRAW };
}

export function resumed(when: Instant): ProtocolEvent {
  return { kind: 'resumed', at: when, draw: DRAW };
}

export function refreshAsked(when: Instant): ProtocolEvent {
  return { kind: 'refresh-asked', at: when, draw: DRAW };
}

export function wrote(when: Instant, outcome: WriteOutcome | DeleteOutcome): ProtocolEvent {
  return { kind: 'wrote', at: when, outcome, draw: DRAW };
}

/** @param memory - what the process knows of the record from before. */
export function read(
  when: Instant,
  outcome: ReadOutcome,
  memory: { readonly observedSinceMs?: Millis; readonly isOwnOrphan?: boolean } = {},
): ProtocolEvent {
  return { kind: 'read', at: when, outcome, draw: DRAW, ...memory };
}

/** A reducer with its state: events go in, the last step comes out. */
export class History<State, Step> {
  state: State;
  readonly #reduce: (state: State, event: ProtocolEvent) => readonly [State, Step];

  constructor(reduce: (state: State, event: ProtocolEvent) => readonly [State, Step], state: State) {
    this.#reduce = reduce;
    this.state = state;
  }

  /** What the reducer does now. */
  next(event: ProtocolEvent): Step {
    const [state, step] = this.#reduce(this.state, event);
    this.state = state;
    return step;
  }
}

/** An acquisition whose create has just left, at 0. */
export function acquiring(changes: Partial<AcquireSettings> = {}): History<AcquireState, AcquireStep> {
  const history = new History(acquire, startAcquiring({ ...ACQUIRE_SETTINGS, ...changes }, OURS));
  history.next(tick(at(0)));
  return history;
}

/** A lease granted by a create that left at 0 and was answered at 100. */
export function holding(changes: Partial<HoldSettings> = {}, content: LockRecord = record()): HoldState {
  const grant: Grant = {
    record: content,
    version: version(7, 1),
    base: at(0),
    lastRequest: 1,
    lastWriteAt: at(0),
  };
  return startHolding(grant, { ...HOLD_SETTINGS, ...changes }, at(100));
}

/** The lease that a step grants. */
export function granted(step: AcquireStep): HoldState {
  if (step.kind !== 'granted') throw new Error(`expected a grant, got ${step.kind}`);
  return step.hold;
}

/** What an acquisition does once the pause that it asked for is over. */
export function waited(history: History<AcquireState, AcquireStep>, step: AcquireStep): AcquireStep {
  if (step.kind !== 'wait') throw new Error(`expected a pause, got ${step.kind}`);
  return history.next(tick(at(step.untilMs)));
}
