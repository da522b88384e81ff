// What four processes get of one limit, all together: `npm run bench:rate-limiter`. The emulator, in a process of its own,
// takes one write a second to an object, as Google does. Ends with exit code 1 if any window has more than the limit, or if
// less than 80 % of a large limit is reached.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Task, Told } from './rate-worker.ts';

const PROCESSES = 4;
const WORKER = fileURLToPath(new URL('./rate-worker.js', import.meta.url));

/** How long they are left to find their parts, and how long is measured then. */
const WARM_UP_MS = 25_000;
const MEASURED_MS = 30_000;

const server = fork(fileURLToPath(new URL('./server.js', import.meta.url)), ['--rationed']);
try {
  const [url] = await once(server, 'message');
  await measure(String(url), { limit: 1_000, windowMs: 1_000 }, 0.8);
  await measure(String(url), { limit: 2, windowMs: 1_000 }, 0);
} finally {
  server.kill();
}

async function measure(
  url: string,
  rate: Pick<Task, 'limit' | 'windowMs'>,
  leastShare: number,
): Promise<void> {
  const { limit, windowMs } = rate;
  const task: Task = { ...rate, url, name: `rate-${limit}`, forMs: WARM_UP_MS + MEASURED_MS };
  const all = await Promise.all(Array.from({ length: PROCESSES }, () => tell(task)));
  const handedOutMs = inOrder(all.flatMap((told) => told.handedOutMs));
  const fromMs = (handedOutMs[0] ?? 0) + WARM_UP_MS;
  const isSteady = (ms: number): boolean => ms >= fromMs && ms < fromMs + MEASURED_MS;
  const steadyEach = all.map((told) => told.handedOutMs.filter(isSteady).length);
  const steady = steadyEach.reduce((total, count) => total + count, 0);
  const share = steady / ((limit * MEASURED_MS) / windowMs);
  const most = mostInAWindow(handedOutMs, windowMs);
  const mostHeard = mostInAWindow(inOrder(all.flatMap((told) => told.heardMs)), windowMs);
  console.log(
    `limit ${limit} in ${windowMs} ms, ${PROCESSES} processes: ${handedOutMs.length} taken, ` +
      `${(share * 100).toFixed(1)} % of the limit after ${WARM_UP_MS / 1_000} s; in a window at the most ${most} handed out, ` +
      `${mostHeard} heard of; by each ${steadyEach.join(', ')}`,
  );
  if (most > limit || share < leastShare) process.exitCode = 1;
}

async function tell(task: Task): Promise<Told> {
  const worker = fork(WORKER);
  worker.send(task);
  return new Promise((resolve, reject) => {
    worker.once('message', (told: Told) => resolve(told));
    worker.once('exit', (code) => reject(new Error(`a worker ended with ${code}`)));
  });
}

function inOrder(ms: readonly number[]): readonly number[] {
  return ms.toSorted((one, other) => one - other);
}

/** The most that any window has, of moments in their order. */
function mostInAWindow(takenMs: readonly number[], windowMs: number): number {
  let first = 0;
  let most = 0;
  for (const [index, ms] of takenMs.entries()) {
    while ((takenMs[first] ?? ms) <= ms - windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
