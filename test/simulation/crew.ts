import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { add, NOTHING, type Tally } from './runs.ts';
import type { Report, Share } from './worker.ts';
import type { Kind } from './kinds.ts';

/** The worker of this very build; a planted bug has a build of its own. */
const WORKER = fileURLToPath(new URL('worker.js', import.meta.url));

/** A world leaves much behind that is soon of no use: collecting it less often takes a tenth off the time. */
const WORKER_FLAGS = ['--max-semi-space-size=32'];

export interface CrewOptions {
  readonly firstSeed: number;
  readonly runCount: number;
  readonly workerCount: number;
  /** How many seeds a worker gets at a time. */
  readonly shareSize: number;
  /** Whether a write without its guard is wrong in itself. Default true. */
  readonly judgesGuards?: boolean;
  /** What the worlds are about. Default: a lock. */
  readonly kind?: Kind;
  /** The program of a worker. Default: that of this build. */
  readonly worker?: string;
  /** Told what came of each share; true where that is enough. */
  readonly onShare: (share: Share, played: Tally) => boolean;
}

/** Plays a range of seeds in several processes. */
export async function playInProcesses(options: CrewOptions): Promise<Tally> {
  const {
    firstSeed,
    runCount,
    workerCount,
    shareSize,
    worker = WORKER,
    judgesGuards = true,
    kind = 'lock',
    onShare,
  } = options;
  const endSeed = firstSeed + runCount;
  let nextSeed = firstSeed;
  let tally = NOTHING;
  let isEnough = false;
  const takeShare = (): Share | undefined => {
    if (isEnough || nextSeed >= endSeed) return undefined;
    const count = Math.min(shareSize, endSeed - nextSeed);
    const share = { firstSeed: nextSeed, count, judgesGuards, kind };
    nextSeed += share.count;
    return share;
  };
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(worker, { execArgv: [...process.execArgv, ...WORKER_FLAGS] });
      const send = (): void => {
        const share = takeShare();
        if (share === undefined) child.disconnect();
        else child.send(share);
      };
      child.on('message', ({ share, tally: played }: Report) => {
        tally = add(tally, played);
        isEnough = onShare(share, played) || isEnough;
        send();
      });
      child.on('exit', (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`a worker ended with ${code ?? signal}`));
      });
      send();
    });
  await Promise.all(Array.from({ length: workerCount }, work));
  return { ...tally, failures: tally.failures.toSorted((one, other) => one.seed - other.seed) };
}
