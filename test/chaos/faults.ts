import type { Dice } from '../simulation/dice.ts';
import type { Direction } from './history.ts';
import type { Lane } from './lane.ts';

/** How often the holder is struck in place of anybody: what happens to those who wait can hurt nobody. */
const HOLDER_SHARE = 0.2;
/** How many are left alone at any time. */
const UNDISTURBED_COUNT = 2;
/** The longest wall clock jump, a day. */
const DAY_MS = 86_400_000;

/**
 * Picks what strikes next, whom, and for how long.
 *
 * @param dice - those of the run.
 * @returns what lets it strike, and resolves when it is over; undefined where that fault cannot strike now: two of the
 * workers are always left alone, so that somebody can recover.
 */
export function nextStrike(
  lanes: readonly Lane[],
  ttlMs: number,
  dice: Dice,
): (() => Promise<void>) | undefined {
  const disturbedCount = lanes.filter((lane) => lane.isDisturbed).length;
  const lane = pickLane(lanes, dice);
  if (lane === undefined || (!lane.isDisturbed && disturbedCount >= lanes.length - UNDISTURBED_COUNT))
    return undefined;
  const kind = dice.pick(
    'kill',
    'kill',
    'pause',
    'pause',
    'pause',
    'partition',
    'partition',
    'block',
    'jump',
  );
  const forMs = dice.between(0.1, 3) * ttlMs;
  if (kind === 'jump') {
    const offsetMs = dice.between(-DAY_MS, DAY_MS);
    return lane.hasWallClock ? async () => lane.jump(offsetMs) : undefined;
  }
  if (kind === 'partition') {
    const direction: Direction = dice.pick('both', 'both', 'to-store', 'from-store');
    return lane.canBeCut ? () => lane.partition(direction, forMs) : undefined;
  }
  if (!lane.canBeStruck) return undefined;
  switch (kind) {
    case 'kill':
      return () => lane.kill(dice.between(0, 0.3) * ttlMs);
    case 'pause':
      return () => lane.pause(forMs);
    case 'block':
      return () => lane.block(forMs, dice.pick('anywhere', 'before-write'));
    default:
      return kind satisfies never;
  }
}

function pickLane(lanes: readonly Lane[], dice: Dice): Lane | undefined {
  const holder = lanes.find((lane) => lane.isBelieving);
  if (holder !== undefined && dice.chance(HOLDER_SHARE)) return holder;
  return lanes[Math.floor(dice.draw() * lanes.length)];
}
