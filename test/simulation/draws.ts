import { MAX_DRIFT } from '../../src/protocol/timing.ts';
import { encodeRecord } from '../../src/protocol/record.ts';
import type { BucketNature } from './bucket.ts';
import type { LockOptions } from './client.ts';
import type { Dice } from './dice.ts';
import { Machine } from './machine.ts';
import type { Shape } from './shapes.ts';
import type { Metadata } from './wire.ts';

/** What kind of store a run has. */
export function drawNature(dice: Dice, clockSkewMs: number): BucketNature {
  return {
    epochMs: 1_700_000_000_000 + Math.floor(dice.between(0, 100_000)),
    dateSkewMs: dice.pick(clockSkewMs, 0, -clockSkewMs),
    isRationed: dice.chance(0.2),
    missingStatus: dice.pick(404, 412),
  };
}

/** A lock with a fencing counter that nobody holds. */
export function freeRecord(dice: Dice): Metadata {
  const leaseId = dice.leaseId();
  const free = { state: 'free', leaseId, ttlMs: 1_000, refreshCount: 0 } as const;
  return encodeRecord({ ...free, holder: '', counter: '41', metadata: {} });
}

export function drawMachine(dice: Dice): Machine {
  const drift = (): number => 1 + dice.pick(-MAX_DRIFT, MAX_DRIFT, 0, dice.between(-MAX_DRIFT, MAX_DRIFT));
  const draw = dice.draw();
  const kind = draw < 0.7 ? 'sleeps' : draw < 0.9 ? 'is-set' : 'steady';
  const monotonicRate = drift();
  const elapsedRate = kind === 'steady' || dice.chance(0.6) ? monotonicRate : drift();
  const origin = { monotonicMs: dice.between(0, 1_000), elapsedMs: dice.between(0, 1_000_000) };
  return new Machine(kind, monotonicRate, elapsedRate, origin);
}

/** How one client wants its lock: every relation of times that the library takes. */
export function drawOptions(
  dice: Dice,
  shape: Shape,
  clockSkewMs: number,
  isRationed: boolean,
  machine: Machine,
): LockOptions {
  const ttlMs = Math.floor(dice.pick(shape.usualTtlMs, dice.between(...shape.ttlMs)));
  const marginMs = dice.pick(0.06, 0.1, 0.1, 0.2) * ttlMs;
  const refreshIntervalMs = dice.pick(0.3, 0.5, 0.75) * ttlMs;
  return {
    ttlMs,
    marginMs,
    refreshIntervalMs,
    requestTimeoutMs: dice.pick(200, 1_000, 3 * ttlMs),
    mutationIntervalMs: Math.min(isRationed ? 500 : dice.pick(30, 200), refreshIntervalMs),
    clockSkewMs,
    takeover: dice.pick('server-clock', 'server-clock', 'observation'),
    backoff: {
      minMs: dice.pick(...shape.backoffMinMs),
      maxMs: dice.pick(...shape.backoffMaxMs),
      factor: 2,
    },
    // Which send a lease counts from does not show where `maxHoldMs` ends it; here that makes no difference.
    ...(machine.kind === 'steady' ? { maxHoldMs: dice.between(300, 2 * ttlMs) } : {}),
  };
}
