import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { acquire, type AcquireStep } from '../../src/protocol/acquire.ts';
import { startAcquiring } from '../../src/protocol/acquire-state.ts';
import { isHeldAt } from '../../src/protocol/hold-state.ts';
import type { ReadOutcome, WriteOutcome } from '../../src/protocol/outcome.ts';
import type { ProtocolEvent } from '../../src/protocol/step.ts';
import { type Instant, leaseDeadline, type Millis } from '../../src/protocol/timing.ts';
import type { Version } from '../../src/protocol/version.ts';
import { type Happening, histories, isTooSoon, isWrite, pick } from './happenings.ts';
import {
  ABSENT,
  ACQUIRE_SETTINGS,
  applied,
  at,
  BUSY,
  failure,
  FORBIDDEN,
  found,
  HOLD_SETTINGS,
  OURS,
  record,
  REFUSED,
  seen,
  staleOf,
  theirs,
  UNKNOWN,
  version,
} from './tools.ts';

const { timing } = HOLD_SETTINGS;

const FOREIGN = seen({ kind: 'foreign', why: 'a test says so' }, version(5, 1));
const NEWER = seen({ kind: 'newer', schema: 'gcs-mutex/2' }, version(5, 1));

/** What an acquisition is told of its request. */
function answerTo(
  step: AcquireStep,
  { draw, which }: Happening,
  when: Instant,
  newest: Version,
): ProtocolEvent {
  if (step.kind !== 'get') {
    const outcome = pick<WriteOutcome>(
      which,
      REFUSED,
      UNKNOWN,
      BUSY,
      UNKNOWN,
      REFUSED,
      applied(newest),
      FORBIDDEN,
    );
    return { kind: 'wrote', at: when, draw, outcome };
  }
  const outcome = pick<ReadOutcome>(
    which,
    ABSENT,
    found(seen(theirs(), newest)),
    found(staleOf(theirs(), newest)),
    found(seen(theirs({ state: 'free', counter: '4' }), newest)),
    found(seen(record(), newest)),
    found(NEWER),
    { kind: 'unreadable', failure: failure() },
    ABSENT,
    found(staleOf(theirs(), version(5, 1))),
    found(FOREIGN),
  );
  const memory = { observedSinceMs: -1e9, isOwnOrphan: which % 7 === 0 };
  return { kind: 'read', at: when, draw, outcome, ...memory };
}

it('an acquisition keeps its promises whatever happens to it', () => {
  fc.assert(
    fc.property(histories, (happenings) => {
      let state = startAcquiring(ACQUIRE_SETTINGS, OURS);
      let step: AcquireStep = { kind: 'wait', untilMs: 0 };
      let now = at(0);
      let lastWriteAt: Instant | undefined;
      let createsAtOnce = 0;
      const sends = new Set<Millis>();
      for (const [index, happens] of happenings.entries()) {
        const { afterMs, sleptMs, draw, which } = happens;
        const waitMs = step.kind === 'wait' ? Math.max(0, step.untilMs - now.monotonicMs) : 0;
        now = {
          monotonicMs: now.monotonicMs + waitMs + afterMs,
          elapsedMs: now.elapsedMs + waitMs + afterMs + sleptMs,
        };
        const newest = version(6, index + 1);
        const isAsked = step.kind === 'get' || isWrite(step);
        const event: ProtocolEvent =
          isAsked && which % 5 > 0 ? answerTo(step, happens, now, newest) : { kind: 'tick', at: now, draw };
        const wasEnded = state.phase.kind === 'ended';
        const [next, made] = acquire(state, event);
        state = next;
        if (wasEnded) expect(made).toEqual({ kind: 'carry-on' });
        if (made.kind === 'anew') return;
        if (isWrite(made)) {
          // Nothing but a record, or nothing at all, is ever written over; and as it was just read.
          const shown =
            event.kind === 'read' && event.outcome.kind === 'found' ? event.outcome.object : undefined;
          expect(shown === undefined || shown.content.kind === 'record').toBe(true);
          if (made.kind === 'overwrite') expect(made.expected).toEqual(shown?.version);
          if ('record' in made) expect(made.record).toMatchObject({ state: 'held', leaseId: OURS });
          if (lastWriteAt !== undefined && isTooSoon(lastWriteAt, now)) {
            createsAtOnce += 1;
            expect([made.kind, createsAtOnce]).toEqual(['create', 1]);
          }
          lastWriteAt = now;
        }
        if (made.kind === 'get' || isWrite(made)) sends.add(now.monotonicMs);
        if (made.kind === 'granted') {
          expect(sends).toContain(made.hold.creditedAt.monotonicMs);
          expect(made.hold.deadlineMs).toBe(leaseDeadline(made.hold.creditedAt, timing));
          expect(isHeldAt(made.hold, now)).toBe(true);
        }
        if (made.kind !== 'carry-on') step = made;
      }
    }),
    { numRuns: 400 },
  );
});
