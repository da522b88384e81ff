import { playSeeds, type Tally } from './runs.ts';

/** A range of seeds that a worker is to play. */
export interface Share {
  readonly firstSeed: number;
  readonly count: number;
}

/** What a worker says of a share that it has played. */
export interface Report {
  readonly share: Share;
  readonly tally: Tally;
}

process.on('message', (share: Share) => {
  void playSeeds(share.firstSeed, share.count).then((tally) =>
    process.send?.({ share, tally } satisfies Report),
  );
});
process.on('disconnect', () => process.exit());
