import { describe, expect, it } from 'vitest';
import { acquire } from '../../../src/protocol/acquire.ts';
import { hold } from '../../../src/protocol/hold.ts';
import type { ProtocolEvent } from '../../../src/protocol/step.ts';
import { fingerprint } from './canon.ts';
import { CONFIGS } from './configs.ts';
import { Moves } from './moves.ts';
import { explore, type Explored } from './search.ts';
import { type Config, type Reducers, setUp, SHIPPED } from './setup.ts';
import { startWorld } from './start.ts';
import { tell } from './story.ts';
import { changed, type World } from './world.ts';

const [EVERYTHING] = CONFIGS;
if (EVERYTHING === undefined) throw new Error('there is nothing to explore');

/** What every change is to pass: seconds, where `npm run explore` takes minutes. */
const QUICK: Config = { ...EVERYTHING, faults: ['late', 'crash', 'duplicate', 'edit', 'abort'] };

/** A reducer whose refresh is sent without one of its guards. */
function refreshWithout(guard: 'generation' | 'metageneration'): Reducers {
  return {
    ...SHIPPED,
    hold(state, event) {
      const [next, step] = hold(state, event);
      if (step.kind !== 'patch') return [next, step];
      return [next, { ...step, expected: { ...step.expected, [guard]: undefined } }];
    },
  };
}

/** A reducer that counts a grant from the answer, as if the request had only just left. */
const FROM_ANSWER: Reducers = {
  ...SHIPPED,
  acquire(state, event) {
    const [next, step] = acquire(state, event);
    if (step.kind !== 'granted') return [next, step];
    const { timing } = step.hold.settings;
    const deadlineMs = event.at.monotonicMs + timing.ttlMs - timing.marginMs;
    return [next, { ...step, hold: { ...step.hold, creditedAt: event.at, deadlineMs } }];
  },
};

/** A reducer for which a lost lease is held as before. */
const NEVER_LOST: Reducers = {
  ...SHIPPED,
  hold(state, event: ProtocolEvent) {
    const [next, step] = hold(state, event);
    return step.kind === 'lost' ? [{ ...state, deadlineMs: 1e9 }, { kind: 'carry-on' }] : [next, step];
  },
};

/** A reducer that never takes a stale record over. */
const TIMID: Reducers = {
  ...SHIPPED,
  acquire(state, event) {
    const [next, step] = acquire(state, event);
    return step.kind === 'overwrite'
      ? [state, { kind: 'wait', untilMs: event.at.monotonicMs + 900 }]
      : [next, step];
  },
};

/** A reducer that takes a refused refresh for a lost lease, without looking. */
const HASTY: Reducers = {
  ...SHIPPED,
  hold(state, event) {
    const [next, step] = hold(state, event);
    if (event.kind !== 'wrote' || event.outcome.kind !== 'refused' || next.lost !== undefined)
      return [next, step];
    return [
      { ...next, lost: 'taken-over' },
      { kind: 'lost', reason: 'taken-over' },
    ];
  },
};

function withReducers(reducers: Reducers, config = QUICK): Explored {
  return explore(config, { maxStates: 200_000, reducers, judgesGuards: false });
}

describe('every interleaving of two clients with one fault', () => {
  it('keeps every promise, to where there is nothing left to explore', () => {
    const explored = explore(QUICK, { maxStates: 200_000 });
    const { violation } = explored;
    if (violation !== undefined) {
      throw new Error([violation.what, ...tell(setUp(QUICK), violation.path)].join('\n'));
    }
    expect(explored.isClosed).toBe(true);
    // A world in which nothing happens would keep every promise as well.
    expect(explored.states).toBeGreaterThan(15_000);
    expect(explored.grants).toBeGreaterThan(1_000);
    expect(explored.probes).toBeGreaterThan(50);
  });
});

describe('the explorer', () => {
  it.each([
    ['a refresh without a generation', refreshWithout('generation'), 'a patch changes the record of another'],
    ['a deadline counted from the answer', FROM_ANSWER, 'two clients believe at once'],
    ['a lease that is never lost', NEVER_LOST, 'a lease that was over is held again'],
    ['a lease that is given up without a look', HASTY, 'a healthy lease is given up'],
    ['nobody who takes over', TIMID, 'nobody can acquire though nothing fails any more'],
  ])('finds %s', (_what, reducers, wrong) => {
    const { violation } = withReducers(reducers);
    expect(violation?.what).toBe(wrong);
  });

  it('counts a write without its guard as wrong in itself', () => {
    const explored = explore(QUICK, { maxStates: 200_000, reducers: refreshWithout('metageneration') });
    expect(explored.violation?.what).toBe('a patch without a metageneration is sent');
  });

  it('tells the shortest history of what it found', () => {
    const reducers = refreshWithout('generation');
    const { violation } = withReducers(reducers);
    const lines = tell(setUp(QUICK, reducers), violation?.path ?? []);
    expect(lines.length).toBeLessThan(12);
    expect(lines[0]).toContain('A begins to acquire');
    expect(lines.at(-1)).toMatch(/patch \(count 1\) of version any\/1/);
  });

  it('stops at a bound of states, and says that there is more', () => {
    const { isClosed, states } = explore(QUICK, { maxStates: 1_000 });
    expect(isClosed).toBe(false);
    expect(states).toBeLessThan(1_100);
  });
});

describe('the fingerprint of a world', () => {
  const setup = setUp(QUICK);

  /** The world after the first possible moves of some kinds, in turn. */
  function after(kinds: readonly string[], from = startWorld(setup)): World {
    let world = from;
    for (const wanted of kinds) {
      let chosen: World | undefined;
      new Moves(setup, world, true, ({ kind }, next) => {
        if (kind === wanted) chosen ??= next;
      }).all();
      if (chosen === undefined) throw new Error(`there is no ${wanted}`);
      world = chosen;
    }
    return world;
  }

  const print = (world: World): string => {
    const { high, low } = fingerprint(world);
    return `${high} ${low}`;
  };

  it('does not depend on when the world began', () => {
    const start = startWorld(setup);
    const at = { monotonicMs: 5_000, elapsedMs: 9_000 };
    const late: World = {
      ...start,
      nowMs: 7_000,
      clients: start.clients.map((client) => changed(client, { at })),
    };
    const moves = ['start', 'deliver', 'start', 'deliver', 'deliver', 'time'];
    expect(print(after(moves, late))).toBe(print(after(moves, start)));
  });

  it('tells worlds apart in which a request is late, or a tick has passed', () => {
    const prints = [
      after(['start']),
      after(['start', 'delay']),
      after(['start', 'deliver']),
      after(['start', 'deliver', 'time']),
      after(['start', 'deliver-slowly']),
      after(['start', 'deliver-twice']),
    ].map(print);
    expect(new Set(prints).size).toBe(prints.length);
  });
});
