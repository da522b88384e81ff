import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { hold, type HoldStep } from '../../src/protocol/hold.ts';
import { type HoldState, isHeldAt } from '../../src/protocol/hold-state.ts';
import type { ReadOutcome, WriteOutcome } from '../../src/protocol/outcome.ts';
import type { ProtocolEvent } from '../../src/protocol/step.ts';
import { type Instant, leaseDeadline, type Millis } from '../../src/protocol/timing.ts';
import { isSameVersion } from '../../src/protocol/version.ts';
import { type Happening, histories, isTooSoon, isWrite, pick } from './happenings.ts';
import {
  ABSENT,
  applied,
  at,
  BUSY,
  failure,
  FORBIDDEN,
  found,
  HOLD_SETTINGS,
  holding,
  record,
  REFUSED,
  seen,
  theirs,
  UNKNOWN,
  version,
} from './tools.ts';

const { timing } = HOLD_SETTINGS;

/** What is known of one played history of a lease. */
class HoldPlay {
  state: HoldState = holding();
  now: Instant = at(100);
  metageneration = 1;
  underWay: HoldStep | undefined;
  lastWriteAt: Instant = at(0);
  readonly firstSends = new Map<number, Instant>();
  readonly counts = new Map<number, number>();

  event(happens: Happening): ProtocolEvent {
    const { afterMs, sleptMs, draw, which } = happens;
    const { monotonicMs, elapsedMs } = this.now;
    this.now = { monotonicMs: monotonicMs + afterMs, elapsedMs: elapsedMs + afterMs + sleptMs };
    const base = { at: this.now, draw };
    const other = pick(which, 'tick', 'tick', 'tick', 'resumed', 'refresh-asked');
    if (which % 4 === 0 || this.underWay === undefined) return { ...base, kind: other };
    const isGet = this.underWay.kind === 'get';
    this.underWay = undefined;
    if (isGet) return { ...base, kind: 'read', outcome: this.#shown(which) };
    return { ...base, kind: 'wrote', outcome: this.#wrote(which) };
  }

  #wrote(which: number): WriteOutcome {
    const next = (): WriteOutcome => applied(version(7, ++this.metageneration));
    return pick<() => WriteOutcome>(
      which,
      next,
      () => BUSY,
      () => FORBIDDEN,
      () => REFUSED,
      () => UNKNOWN,
    )();
  }

  #shown(which: number): ReadOutcome {
    const counts = [...this.counts.values(), 0];
    const refreshCount = counts[which % counts.length] ?? 0;
    this.metageneration += which % 3;
    const ours = found(seen(record({ refreshCount }), version(7, this.metageneration)));
    if (which % 10 !== 9) return which % 5 === 4 ? { kind: 'unreadable', failure: failure() } : ours;
    return pick<ReadOutcome>(which >> 4, ABSENT, found(seen(theirs(), version(8, 1))), FORBIDDEN);
  }
}

it('a lease keeps its promises whatever happens to it', () => {
  fc.assert(
    fc.property(histories, (happenings) => {
      const play = new HoldPlay();
      const allowedDeadlines = new Set<Millis>([leaseDeadline(at(0), timing)]);
      for (const happens of happenings) {
        const before = play.state;
        const wasUnderWay = play.underWay;
        const event = play.event(happens);
        const [state, step] = hold(before, event);
        play.state = state;
        // Lost stays lost, and the deadline never moves back.
        if (before.lost !== undefined) expect([state, step.kind]).toEqual([before, 'carry-on']);
        expect(state.deadlineMs).toBeGreaterThanOrEqual(before.deadlineMs);
        if (step.kind === 'get' || isWrite(step)) {
          // One request at a time: only a doubt cuts off the one under way.
          const isDoubt =
            state.doubtedCount !== undefined &&
            (event.kind === 'resumed' || state.doubtedCount !== before.doubtedCount);
          expect(wasUnderWay === undefined || play.underWay === undefined || isDoubt).toBe(true);
          expect(event.at.monotonicMs).toBeLessThan(before.deadlineMs);
          play.underWay = step;
        } else if (step.kind === 'wait') play.underWay = undefined;
        if (step.kind === 'patch') {
          const count = step.record.refreshCount;
          const isResent = play.counts.get(step.request) === count;
          if (!isResent) {
            expect([...play.counts.keys()]).not.toContain(step.request);
            expect([...play.counts.values(), 0]).not.toContain(count);
            expect(isSameVersion(step.expected, state.version)).toBe(true);
            play.counts.set(step.request, count);
            play.firstSends.set(step.request, event.at);
            allowedDeadlines.add(leaseDeadline(event.at, timing));
          }
          expect(isTooSoon(play.lastWriteAt, event.at)).toBe(false);
          play.lastWriteAt = event.at;
        }
        // Never from an answer's time: some request of ours left at the time from which the lease counts.
        expect(allowedDeadlines).toContain(state.deadlineMs);
        if (event.at.monotonicMs >= before.deadlineMs) expect(isHeldAt(state, event.at)).toBe(false);
        expect(isHeldAt(state, at(state.deadlineMs))).toBe(false);
      }
    }),
    { numRuns: 150 },
  );
});
