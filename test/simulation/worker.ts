import { playSeeds, type Tally } from './runs.ts';
import type { Kind } from './kinds.ts';

/** A range of seeds that a worker is to play. */
export interface Share {
  readonly firstSeed: number;
  readonly count: number;
  readonly judgesGuards: boolean;
  readonly kind: Kind;
}

/** What a worker says of a share that it has played. */
export interface Report {
  readonly share: Share;
  readonly tally: Tally;
}

const never = (): boolean => false;

process.on('message', (share: Share) => {
  const { firstSeed, count, ...options } = share;
  void playSeeds(firstSeed, count, never, options).then((tally) =>
    process.send?.({ share, tally } satisfies Report),
  );
});
process.on('disconnect', () => process.exit());
