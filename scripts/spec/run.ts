import { availableParallelism } from 'node:os';
import type { Configuration } from './configurations.ts';
import type { Row } from './table.ts';
import { type Report, runTlc } from './tlc.ts';
import type { Tools } from './tools.ts';

/** A run with what TLC printed. */
export interface Finished extends Row {
  readonly output: Report['output'];
}

/**
 * Runs configurations, as many at once as there are processors, and gives them in their order.
 *
 * Each has one worker, so that a counterexample is as short as can be and its number of states always the same.
 */
export async function runAll(
  tools: Tools,
  configurations: readonly Configuration[],
  folder: string,
  onFinish: (finished: Finished) => void = () => {},
  signal?: AbortSignal,
): Promise<Finished[]> {
  const finished: Finished[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < configurations.length; index = next++) {
      const configuration = configurations[index];
      if (configuration === undefined) return;
      const startedMs = performance.now();
      const report = await runTlc(tools, configuration, folder, signal);
      const seconds = (performance.now() - startedMs) / 1000;
      const run = { ...report, configuration, seconds };
      finished[index] = run;
      onFinish(run);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return finished;
}
