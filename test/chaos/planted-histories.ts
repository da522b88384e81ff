import type { ChaosEvent, RunFacts, SectionEvent } from './history.ts';

/** A run of the settings that the histories below are told with. */
export const FACTS: RunFacts = {
  store: 'emulator',
  lock: 'gs://chaos/locks/counter',
  ttlMs: 1_000,
  marginMs: 100,
  clockSkewMs: 0,
  takeover: 'server-clock',
  pollMs: 500,
  seed: 1,
  workers: ['anna', 'ben'],
  durationMs: 10_000,
  startedAt: '2026-01-01T00:00:00.000Z',
  commit: undefined,
  command: 'planted',
  hasClockJumps: false,
};

/** Writes a history of workers of one lease each, an event at a time; each call in order of time. */
export class Script {
  readonly events: ChaosEvent[] = [];

  /** A lease of 1 000 ms, of which it is sure for 900. */
  grant(worker: string, atMs: number, remainingMs = 900): this {
    const of = { worker, incarnation: 1, leaseId: `lease of ${worker}` };
    this.events.push({ ...of, kind: 'believes', atMs, waitedMs: 0, wasTakenOver: false });
    return this.look(worker, atMs, true, remainingMs);
  }

  look(worker: string, atMs: number, isHeld: boolean, remainingMs = 0): this {
    const of = { worker, incarnation: 1, leaseId: `lease of ${worker}` };
    this.events.push({ ...of, kind: 'look', atMs, isHeld, remainingMs });
    return this;
  }

  /** The look says what a look right then would say of a lease granted at 0, unless told otherwise. */
  section(worker: string, atMs: number, kind: 'enter' | 'leave'): this;
  section(worker: string, atMs: number, kind: 'read', value: number): this;
  section(worker: string, atMs: number, kind: 'enter' | 'leave' | 'read', value?: number): this {
    const facts = this.#facts(worker, atMs);
    this.events.push((value === undefined ? { ...facts, kind } : { ...facts, kind, value }) as SectionEvent);
    return this;
  }

  write(
    worker: string,
    atMs: number,
    basedOn: number,
    found: number,
    look: { readonly lookedAtMs?: number; readonly remainingMs?: number } = {},
  ): this {
    const facts = { ...this.#facts(worker, atMs), ...look };
    this.events.push({ ...facts, kind: 'write', basedOn, found, value: basedOn + 1 });
    return this;
  }

  fault(kind: 'killed' | 'paused' | 'resumed' | 'unblocked' | 'blocked', worker: string, atMs: number): this {
    const of = { worker, incarnation: 1, atMs };
    this.events.push(kind === 'blocked' ? { ...of, kind, place: 'before-write' } : { ...of, kind });
    return this;
  }

  leave(worker: string, atMs: number): this {
    const of = { worker, incarnation: 1, leaseId: `lease of ${worker}`, atMs };
    this.look(worker, atMs, false);
    this.events.push({ ...of, kind: 'left', how: 'released', reason: undefined, wasHeld: true });
    return this;
  }

  #facts(worker: string, atMs: number) {
    const of = { worker, incarnation: 1, leaseId: `lease of ${worker}`, atMs };
    // Sure for 900 ms from its grant on, as a lease is that was not refreshed.
    const grantedAtMs = this.events.find((event) => event.kind === 'look' && event.worker === worker)?.atMs;
    const lookedAtMs = atMs - 0.5;
    return { ...of, lookedAtMs, isHeld: true, remainingMs: (grantedAtMs ?? lookedAtMs) + 900 - lookedAtMs };
  }
}

/** Histories with what each of them must be found to show, by the checker here and by the judge in Go. */
export const PLANTED: readonly {
  readonly name: string;
  readonly events: readonly ChaosEvent[];
  readonly overlaps: number;
  readonly lostUpdates: number;
  readonly lateWrites: number;
}[] = [
  {
    name: 'two sections one after the other',
    events: sectionOf(sectionOf(new Script(), 'anna', 0, 0), 'ben', 200, 1).events,
    overlaps: 0,
    lostUpdates: 0,
    lateWrites: 0,
  },
  {
    name: 'a section that begins after the deadline of a holder that was killed',
    events: sectionOf(
      new Script().grant('anna', 0).section('anna', 10, 'enter').fault('killed', 'anna', 20),
      'ben',
      901,
      0,
    ).events,
    overlaps: 0,
    lostUpdates: 0,
    lateWrites: 0,
  },
  {
    name: 'a section that begins before the deadline of a holder that was killed',
    events: sectionOf(
      new Script().grant('anna', 0).section('anna', 10, 'enter').fault('killed', 'anna', 20),
      'ben',
      800,
      0,
    ).events,
    overlaps: 1,
    lostUpdates: 0,
    lateWrites: 0,
  },
  {
    name: 'a holder that is believed to be gone while it is stopped, though its deadline has not passed',
    events: sectionOf(new Script().grant('anna', 0).fault('paused', 'anna', 20), 'ben', 500, 0).events,
    overlaps: 1,
    lostUpdates: 0,
    lateWrites: 0,
  },
  {
    name: 'a section while a holder is stopped whose deadline has passed',
    events: sectionOf(new Script().grant('anna', 0).fault('paused', 'anna', 20), 'ben', 901, 0)
      .fault('resumed', 'anna', 5_000)
      .look('anna', 5_000, false).events,
    overlaps: 0,
    lostUpdates: 0,
    lateWrites: 0,
  },
  {
    name: 'a holder that still believes after a stop that outlasted its lease',
    events: sectionOf(new Script().grant('anna', 0).fault('paused', 'anna', 20), 'ben', 1_100, 0).look(
      'anna',
      1_400,
      true,
      5,
    ).events,
    overlaps: 1,
    lostUpdates: 0,
    lateWrites: 0,
  },
  {
    name: 'two sections that interleave, with an update lost',
    events: new Script()
      .grant('anna', 0)
      .section('anna', 10, 'enter')
      .section('anna', 20, 'read', 0)
      .grant('ben', 30)
      .section('ben', 40, 'enter')
      .section('ben', 50, 'read', 0)
      .write('anna', 60, 0, 0)
      .write('ben', 70, 0, 1).events,
    overlaps: 1,
    lostUpdates: 1,
    lateWrites: 0,
  },
  {
    name: 'an update that is lost to a write nobody sent late, though no looks show an overlap',
    events: new Script()
      .grant('anna', 0)
      .section('anna', 20, 'read', 0)
      .look('anna', 30, false)
      .grant('ben', 40)
      .section('ben', 50, 'enter')
      .write('ben', 60, 0, 0)
      .look('ben', 65, false)
      .look('anna', 70, true, 800)
      .write('anna', 75, 0, 1).events,
    overlaps: 0,
    lostUpdates: 1,
    lateWrites: 0,
  },
  {
    name: 'a write that arrives when its lease is over and nobody has followed',
    events: sectionOf(
      new Script().grant('anna', 0).write('anna', 1_000, 0, 0, { lookedAtMs: 890, remainingMs: 10 }),
      'ben',
      1_100,
      1,
    ).events,
    overlaps: 0,
    lostUpdates: 0,
    lateWrites: 1,
  },
  {
    name: 'a write that arrives late, in the middle of the section of the next holder',
    events: new Script()
      .grant('anna', 0)
      .section('anna', 20, 'read', 0)
      .grant('ben', 1_100)
      .section('ben', 1_110, 'enter')
      .section('ben', 1_120, 'read', 0)
      .write('anna', 1_130, 0, 0, { lookedAtMs: 890, remainingMs: 10 })
      .write('ben', 1_140, 0, 1).events,
    overlaps: 0,
    lostUpdates: 0,
    lateWrites: 1,
  },
  {
    name: 'thousands of steps',
    events: manySections().events,
    overlaps: 0,
    lostUpdates: 0,
    lateWrites: 0,
  },
  {
    name: 'an update that is lost after thousands of steps',
    events: manySections()
      .grant('ben', 80_000)
      .section('ben', 80_010, 'read', 700)
      .write('ben', 80_020, 600, 700).events,
    overlaps: 0,
    lostUpdates: 1,
    lateWrites: 0,
  },
];

/** As many sections, one after the other, as fill several of the pieces in which the judge asks. */
function manySections(): Script {
  const script = new Script();
  for (let value = 0; value < 700; value += 1) sectionOf(script, `worker ${value}`, 100 * value, value);
  return script;
}

/** A whole section of a worker, which adds 1 to the counter. */
function sectionOf(script: Script, worker: string, fromMs: number, value: number): Script {
  return script
    .grant(worker, fromMs)
    .section(worker, fromMs + 10, 'enter')
    .section(worker, fromMs + 20, 'read', value)
    .write(worker, fromMs + 30, value, value)
    .section(worker, fromMs + 40, 'leave')
    .leave(worker, fromMs + 50);
}
