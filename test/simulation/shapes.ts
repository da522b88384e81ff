import type { Dice } from './dice.ts';

/** One number out of these, each as likely as the others. */
type Choice = readonly [number, ...number[]];

/** Any number from the first to the second. */
type Range = readonly [number, number];

/** How large a world is, and how much goes wrong in it. All times are milliseconds. */
export interface Shape {
  /** When the faults stop. */
  readonly calmMs: Range;
  /** How many machines there are, and how many clients run on each. */
  readonly placeCount: Choice;
  readonly handleCount: Choice;
  /** How far the clock behind `Date` may be from the one behind `updated`. */
  readonly clockSkewMs: Choice;
  /** Half of all machines have the usual ttl, the others any in a range. */
  readonly usualTtlMs: number;
  readonly ttlMs: Range;
  /** A waiting client's first pause between two looks, and its longest. */
  readonly backoffMinMs: Choice;
  readonly backoffMaxMs: Choice;
  /** A client's longest pause between two acquisitions, its patience, and for how many of its ttls it works at the most. */
  readonly idleMs: Choice;
  readonly patienceMs: Range;
  readonly workTtls: number;
  /** How many of these each machine has: bad weather, stops or sleeps, deaths, settings of its clock. */
  readonly weatherCount: Choice;
  readonly gapCount: Choice;
  readonly killCount: Choice;
  readonly jumpCount: Choice;
  /** How often a stranger edits the object. */
  readonly editCount: Choice;
  /** The probabilities that something happens to a request, that a gap follows it, and one between two readings of a clock. */
  readonly faultRate: Choice;
  readonly gapRate: Choice;
  readonly pauseRate: Choice;
}

/** Many clients, and time enough for faults to pile up. */
const LONG: Shape = {
  calmMs: [3_000, 3_000],
  placeCount: [2, 2, 3],
  handleCount: [1, 1, 1, 2],
  clockSkewMs: [0, 100, 1_000],
  usualTtlMs: 1_000,
  ttlMs: [600, 1_800],
  backoffMinMs: [50, 200],
  backoffMaxMs: [300, 1_000],
  idleMs: [30, 800],
  patienceMs: [100, 4_000],
  workTtls: 3,
  weatherCount: [0, 1, 2, 4],
  gapCount: [0, 1, 3],
  killCount: [0, 1, 2],
  jumpCount: [0, 1, 3],
  editCount: [0, 1, 2, 3, 4],
  faultRate: [0.02, 0.15, 0.4],
  gapRate: [0, 0.01, 0.05],
  pauseRate: [0, 0, 0.002, 0.01],
};

/** Two clients, and a fault or three: what a mistake needs to show, and soon over. */
const SHORT: Shape = {
  calmMs: [150, 800],
  placeCount: [2],
  handleCount: [1, 1, 1, 1, 1, 1, 2],
  clockSkewMs: [0, 100, 1_000],
  usualTtlMs: 600,
  ttlMs: [500, 1_200],
  backoffMinMs: [200, 500],
  backoffMaxMs: [600, 1_000],
  idleMs: [30, 400, 1_000],
  patienceMs: [300, 3_000],
  workTtls: 2.5,
  weatherCount: [0, 0, 1],
  gapCount: [0, 0, 0, 1],
  killCount: [0, 0, 0, 0, 1],
  jumpCount: [0, 1, 2],
  editCount: [0, 0, 1],
  faultRate: [0.02, 0.15, 0.4],
  gapRate: [0, 0.02, 0.1],
  pauseRate: [0, 0, 0.005, 0.02],
};

/** One world in twenty is long: what takes long to build up is seen there, and the short ones are played meanwhile. */
const LONG_SHARE = 0.05;

export function drawShape(dice: Dice): Shape {
  return dice.chance(LONG_SHARE) ? LONG : SHORT;
}
