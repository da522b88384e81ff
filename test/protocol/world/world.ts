import type { AcquireSettings } from '../../../src/protocol/acquire-state.ts';
import { MAX_DRIFT } from '../../../src/protocol/timing.ts';
import { Bucket } from './bucket.ts';
import { Checker } from './checker.ts';
import { Client } from './client.ts';
import { Dice } from './dice.ts';
import { type Gap, Machine } from './machine.ts';
import { Network } from './network.ts';
import { Process } from './process.ts';
import { Timeline } from './timeline.ts';

/** When the faults of a run stop. */
const CALM_MS = 18_000;

/** How long after that somebody has acquired: every old record has gone stale by then, and been seen to be. */
const PATIENCE_MS = 60_000;

export interface Run {
  readonly violations: readonly string[];
  readonly grantCount: number;
  /** Of everything that happened, in order. */
  readonly hash: number;
  /** What happened, where it was asked for. */
  readonly trace: readonly string[];
}

/** Plays one run: everything that happens in it follows from the seed. */
export function play(seed: number, keepsTrace = false): Run {
  const dice = new Dice(seed);
  const timeline = new Timeline();
  const checker = new Checker();
  const trace: string[] = [];
  let hash = 0x811c_9dc5;
  const note = (who: string, what: string): void => {
    for (const text of [who, what]) {
      for (let index = 0; index < text.length; index++) {
        hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
      }
    }
    hash = Math.imul(hash ^ Math.floor(timeline.nowMs * 1000), 0x0100_0193);
    if (keepsTrace) trace.push(`${timeline.nowMs.toFixed(3)} ${who}: ${what}`);
  };
  const clockSkewMs = dice.pick(0, 300, 2_000);
  const dateSkewMs = dice.pick(clockSkewMs, 0, -clockSkewMs);
  const epochMs = 1_700_000_000_000 + dice.between(0, 100_000);
  const bucket = new Bucket(checker, epochMs, dateSkewMs, dice.pick(1_000, 1));
  const hasCounter = dice.chance(0.3);
  if (hasCounter) {
    const ttlMs = 5_000;
    const free = { state: 'free', leaseId: dice.leaseId(), ttlMs, refreshCount: 0 } as const;
    bucket.begin({ ...free, holder: '', counter: '41', metadata: {} });
  }
  const count = dice.pick(2, 2, 3);
  for (let index = 0; index < count; index++) {
    populate(index, { dice, timeline, checker, bucket, clockSkewMs, note });
  }
  const editCount = Math.floor(dice.between(0, 5));
  for (let edit = 0; edit < editCount; edit++) {
    const atMs = dice.between(0, CALM_MS);
    timeline.at(atMs, () => bucket.editOtherKeys(atMs));
  }
  let endMs = CALM_MS;
  timeline.runUntil(endMs);
  while (checker.lastGrantMs <= CALM_MS && endMs < CALM_MS + PATIENCE_MS) {
    endMs += 1_000;
    timeline.runUntil(endMs);
  }
  const violations = checker.verdict(endMs, CALM_MS);
  return { violations, grantCount: checker.grantCount, hash: hash >>> 0, trace };
}

interface Surroundings {
  readonly dice: Dice;
  readonly timeline: Timeline;
  readonly checker: Checker;
  readonly bucket: Bucket;
  readonly clockSkewMs: number;
  readonly note: (who: string, what: string) => void;
}

/** Puts one client on a machine of its own into the world, to be killed and started again a few times. */
function populate(index: number, around: Surroundings): void {
  const { dice, timeline, bucket, checker } = around;
  const settings = drawSettings(dice, around.clockSkewMs);
  const { ttlMs } = settings.record;
  const machine = drawMachine(dice);
  const network = new Network(timeline, bucket, dice, CALM_MS, 3 * ttlMs);
  let client: Client;
  const interrupt = (fromMs: number): void => {
    const lengthMs = dice.pick(dice.between(1, ttlMs / 4), dice.between(1, 2 * ttlMs));
    const gap: Gap = { fromMs, toMs: fromMs + lengthMs, kind: dice.pick('sleep', 'stop') };
    if (fromMs < CALM_MS && machine.addGap(gap, timeline.nowMs)) client.onGap(gap);
  };
  const dropRate = dice.pick(0, 0.02, 0.1);
  // Right behind a request is where a gap hurts most.
  const onSend = (): void => {
    if (dice.chance(dropRate)) interrupt(timeline.nowMs + dice.between(0, 60));
  };
  const note = (what: string): void => around.note(`client ${index}`, what);
  const start = (): void => {
    client = new Client(
      index,
      new Process(timeline, machine, network, dice, { note, onSend }),
      settings,
      checker,
    );
    client.rest();
  };
  start();
  for (let count = dice.pick(0, 1, 4); count > 0; count--) {
    timeline.at(dice.between(0, CALM_MS), () => interrupt(timeline.nowMs));
  }
  for (let count = dice.pick(0, 1, 2); count > 0; count--) {
    timeline.at(dice.between(0, CALM_MS), () => {
      client.kill();
      start();
    });
  }
}

function drawMachine(dice: Dice): Machine {
  const drift = (): number => 1 + dice.pick(-MAX_DRIFT, MAX_DRIFT, 0, dice.between(-MAX_DRIFT, MAX_DRIFT));
  const monotonicRate = drift();
  const elapsedRate = dice.chance(0.6) ? monotonicRate : drift();
  const origin = { monotonicMs: dice.between(0, 1_000), elapsedMs: dice.between(0, 1_000_000) };
  return new Machine(monotonicRate, elapsedRate, origin);
}

function drawSettings(dice: Dice, clockSkewMs: number): AcquireSettings {
  const ttlMs = Math.floor(dice.pick(3_000, dice.between(1_500, 5_000)));
  const marginMs = dice.pick(0.06, 0.1, 0.1, 0.2) * ttlMs;
  const backoff = { minMs: dice.pick(50, 200), maxMs: dice.pick(500, 2_000), factor: 2 };
  return {
    mode: 'wait',
    record: { ttlMs, holder: 'a client', metadata: {} },
    rules: { clockSkewMs, takeover: dice.pick('server-clock', 'server-clock', 'observation') },
    backoff,
    hold: {
      timing: { ttlMs, marginMs },
      refreshIntervalMs: dice.pick(0.3, 0.5, 0.75) * ttlMs,
      requestTimeoutMs: dice.pick(500, 2_000, 3 * ttlMs),
      mutationIntervalMs: dice.pick(100, 500),
      backoff,
      maxHoldMs: dice.chance(0.1) ? dice.between(1_000, 2 * ttlMs) : Infinity,
    },
  };
}
