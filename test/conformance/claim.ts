import type { Objects } from './objects.ts';

/** What was seen, in plain data: statuses, and yes or no. */
export type Seen = Readonly<Record<string, unknown>>;

/** One thing that the lock assumes of the store. */
export interface Claim {
  /** What the store does, as the name of a test. The table of deviations calls the claim by it. */
  readonly says: string;
  /** The page that says so, or who measured it where no page of Google's does. */
  readonly source: string;
  /** Tries it, and tells what was seen. Expects nothing itself: servers differ. */
  readonly observe: (objects: Objects) => Promise<Seen>;
  /** What is seen on Google's service. */
  readonly google: Seen;
}
