import type { ChaosHistory, ChaosVerdict } from './history.ts';

/** What a run has shown, for people. */
export function summarize({ facts, verdict }: Pick<ChaosHistory, 'facts' | 'verdict'>): string {
  const { overlaps, lostUpdates, troubles, lateWrites, recoveryTimes, faultCounts } = verdict;
  const faultCount = Object.values(faultCounts).reduce((sum, count) => sum + count, 0);
  const faults = Object.entries(faultCounts).map(([kind, count]) => `${kind} ${count}`);
  const late = ['paused', 'blocked', 'slow'].map(
    (cause) => `${cause} ${lateWrites.filter((write) => write.cause === cause).length}`,
  );
  const refusable = lateWrites.filter(({ hasSuccessor }) => hasSuccessor).length;
  return [
    `${facts.store}, ttl ${facts.ttlMs} ms, ${facts.workers.length} workers, ${seconds(facts.durationMs)}, seed ${facts.seed}:`,
    `  ${faultCount} faults: ${faults.join(', ')}`,
    `  ${verdict.leaseCount} leases (${verdict.takeoverCount} by takeover), ${verdict.entryCount} entries, ${verdict.writeCount} writes`,
    `  ${overlaps.length} overlaps, ${lostUpdates.length} lost updates; closest beliefs ${milliseconds(verdict.closestMs)} apart`,
    `  ${lateWrites.length} late writes (${late.join(', ')}), ${refusable} of them after the next holder had entered`,
    recoveryTimes === undefined
      ? '  nothing had to recover'
      : `  ${recoveryTimes.count} recoveries: median ${milliseconds(recoveryTimes.medianMs)}, p99 ${milliseconds(recoveryTimes.p99Ms)}, ` +
        `worst ${milliseconds(recoveryTimes.worstMs)}; bound ${milliseconds(recoveryTimes.boundMs)}, exceeded ${recoveryTimes.beyondBoundCount} times`,
    ...violations(verdict),
    ...troubles.map((trouble) => `  TROUBLE: ${trouble}`),
    '',
  ].join('\n');
}

/** The first of each kind: one is enough to look for, and a broken lock has thousands. */
function violations({ overlaps, lostUpdates }: ChaosVerdict): readonly string[] {
  const lines: string[] = [];
  for (const { workers, fromMs, forMs } of overlaps.slice(0, 5)) {
    lines.push(`  OVERLAP: ${workers.join(' and ')} for ${milliseconds(forMs)}, from ${seconds(fromMs)} on`);
  }
  for (const { worker, atMs, basedOn, found } of lostUpdates.slice(0, 5)) {
    lines.push(
      `  LOST UPDATE: ${worker} read ${basedOn} and overwrote ${found} after ${seconds(atMs)}, while it held the lock`,
    );
  }
  return lines;
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '?' : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
