// What one acquire and release costs in time, as a ratio against the same two requests by two peers, all in one
// run against one server in a process of its own: `npm run bench`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Contender, contenders } from './contenders.ts';
import { median, quantile } from './statistics.ts';
import { freshProcesses } from './start-up.ts';

const WARM_UP_ROUNDS = 400;
const ROUNDS = 400;

const server = fork(fileURLToPath(new URL('./server.js', import.meta.url)));
try {
  const [message] = await once(server, 'message');
  const url = String(message);
  await roundTrips(url);
  await freshProcesses(url);
} finally {
  server.kill();
}

/** Rounds in turn, so that a slow moment of the machine meets all contenders alike. */
async function roundTrips(url: string): Promise<void> {
  const all = contenders(url, 'bench');
  const times = new Map<Contender, number[]>(all.map((contender) => [contender, []]));
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const contender of all) {
      const startedAt = performance.now();
      await contender.createAndDelete();
      if (round >= WARM_UP_ROUNDS) times.get(contender)?.push(performance.now() - startedAt);
    }
  }
  console.log(
    `One create and one delete of an object, ${ROUNDS} rounds in turn, embedded emulator on loopback`,
  );
  const [first] = all;
  const base = median((first && times.get(first)) ?? []);
  for (const [contender, sample] of times) {
    const ms = median(sample);
    const p90 = quantile(sample, 0.9);
    const ratio = (ms / base).toFixed(2);
    console.log(
      `  ${contender.name.padEnd(34)} median ${ms.toFixed(2)} ms  p90 ${p90.toFixed(2)} ms  x ${ratio}`,
    );
  }
}
