import type { Seen } from '../claim.ts';
import type { Call } from '../differential/calls.ts';
import type { Played } from '../differential/played.ts';
import type { Answer } from '../differential/server-side.ts';

/** One thing that a server of others does otherwise than Google's service. Each part that is given is asserted. */
export interface Deviation {
  /** Which call, and what this server does. */
  readonly does: string;
  /** What Google's service does, and who says so. "README" is emulator/README.md, "Where each behaviour comes from". */
  readonly google: string;
  /**
   * The claims of the suite that it breaks, by their sentences, and what is seen in place of what is seen on
   * Google's service. Whatever is not named here is as there.
   */
  readonly shows?: Readonly<Record<string, Seen>>;
  /** What it does to random calls. */
  readonly differential?: Difference;
  /** What it means for tests above single requests. */
  readonly means?: 'ignores guards' | 'makes buckets';
}

/** A difference between the answers of a server and those of the embedded emulator. */
export interface Difference {
  readonly applies: (played: Played) => boolean;
  /** What is answered where the row applies. Anything else fails the test, the right answer too. */
  readonly answers: (played: Played) => Answer;
  /** The least that shows it. Played in every run, so that no row is met by luck alone. */
  readonly example: readonly Call[];
  /** Whether the servers hold different objects afterwards. */
  readonly parts?: true;
}
