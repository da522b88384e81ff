import { SingleBar } from 'cli-progress';
import { runProgram } from '../../scripts/command-line.ts';
import { HELP, readSettings } from './arguments.ts';
import { soak, type Soaked } from './soak.ts';
import { judge, type Trend, trendsOf } from './verdict.ts';

const { stdout, stderr } = process;
const MIB = 2 ** 20;

async function main(): Promise<number> {
  const settings = readSettings(process.argv.slice(2));
  if (settings === 'help') {
    stdout.write(HELP);
    return 0;
  }
  const { durationMs, leaseCount, refreshesPerS, isJson } = settings;
  const bar = new SingleBar({
    format: '{bar} {value}/{total} s, {calls} calls, {refreshes} refreshes, heap {heap} MiB',
    stream: stderr,
    noTTYOutput: false,
  });
  if (!isJson) stderr.write(`acquiring ${leaseCount} leases\n`);
  let startedMs = 0;
  const soaked = await soak({
    durationMs,
    leaseCount,
    refreshesPerS,
    onReport(report) {
      if (isJson || report.kind !== 'sample') return;
      const { atMs, callCount, refreshCount, heapBytes } = report.sample;
      if (startedMs === 0) bar.start(Math.round(durationMs / 1_000), 0);
      startedMs ||= atMs;
      const heap = (heapBytes / MIB).toFixed(1);
      bar.update(Math.round((atMs - startedMs) / 1_000), { calls: callCount, refreshes: refreshCount, heap });
    },
  });
  bar.stop();
  const wrong = judge(soaked);
  const trends = trendsOf(soaked.samples);
  if (isJson) stdout.write(`${JSON.stringify({ ...soaked, trends, wrong })}\n`);
  else stdout.write(tell(soaked, trends, wrong));
  return wrong.length === 0 ? 0 : 1;
}

function tell(soaked: Soaked, trends: readonly Trend[], wrong: readonly string[]): string {
  const { plan, acquireMs, bytesPerLease, samples, heldCount, farewellMs, faultCount } = soaked;
  const last = samples.at(-1);
  const rows = trends.map(
    ({ name, first, last: end, rise, mayRise }) =>
      `| ${name} | ${first} | ${end} | ${Math.round(rise)} | ${Math.round(mayRise)} |`,
  );
  return [
    `${plan.leaseCount} leases acquired in ${(acquireMs / 1_000).toFixed(1)} s, ${bytesPerLease} bytes each;`,
    `${heldCount - 1} held to the end. ${last?.callCount ?? 0} calls, ${last?.refreshCount ?? 0} refreshes, ${faultCount} faults.`,
    '',
    '| | first | last | rose by (slope) | may rise by |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    farewellMs === undefined
      ? 'With only leases left the process stayed.'
      : `With only leases left the process ended after ${Math.round(farewellMs)} ms.`,
    ...(wrong.length === 0 ? ['Nothing grows.'] : wrong.map((what) => `WRONG: ${what}`)),
    '',
  ].join('\n');
}

await runProgram('soak', main);
