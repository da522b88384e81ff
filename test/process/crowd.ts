// Many handles on one lock in one program: of its own, of its worker threads, of its cluster's workers and of its
// child processes. Each enters a section that only one may be in, and writes down when. Compiled by the build;
// started by the tests.
import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { GcsMutex } from '../../src/index.ts';

const [apiEndpoint = '', bucket = '', name = '', log = '', role = 'crowd'] = process.argv.slice(2);
const ROUNDS = 3;

async function contend(who: string): Promise<void> {
  const mutex = new GcsMutex(bucket, name, {
    apiEndpoint,
    mutationIntervalMs: 0,
    backoff: { minMs: 10, maxMs: 100 },
    acquireTimeoutMs: Infinity,
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    await mutex.run(async (lease) => {
      appendFileSync(log, `in ${who} ${lease.leaseId}\n`);
      // Long enough for any other to come in: a whole way to the store and back.
      await mutex.status();
      appendFileSync(log, `out ${who} ${lease.leaseId}\n`);
    });
  }
}

async function startAll(): Promise<void> {
  const program = fileURLToPath(import.meta.url);
  const args = (as: string): string[] => [apiEndpoint, bucket, name, log, as];
  cluster.setupPrimary({ exec: program, args: args('cluster') });
  const others = [1, 2].flatMap((index) => [
    new Worker(program, { argv: args(`thread-${index}`) }),
    cluster.fork(),
    fork(program, args(`child-${index}`)),
  ]);
  const ends = others.map(async (other) => {
    const [code]: unknown[] = await once(other, 'exit');
    if (code !== 0) throw new Error(`a contender ended with ${String(code)}`);
  });
  await Promise.all([contend('handle-1'), contend('handle-2'), ...ends]);
}

if (role === 'crowd') await startAll();
else await contend(role === 'cluster' ? `cluster-${process.pid}` : role);
// A cluster's worker stays for as long as its primary does.
if (role === 'cluster') process.disconnect();
