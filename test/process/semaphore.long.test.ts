import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import { GcsSemaphore } from '../../src/index.ts';

const HOLDER = fileURLToPath(new URL('../../dist/test/process/permit-holder.js', import.meta.url));
const BUCKET = 'permits';
const NAME = 'limits/one';
const TTL_MS = 2_000;

interface Said {
  readonly slot?: string;
  readonly wasHeld?: boolean;
  readonly isReleased?: boolean;
}

/** What a process says next. */
async function hear(child: ChildProcess): Promise<Said> {
  const [said] = await once(child, 'message');
  return said;
}

it('gives the permits of killed processes to others, and leaves the living alone', async () => {
  await using server = await startEmulator({ buckets: [BUCKET] });
  const start = (): ChildProcess => fork(HOLDER, [server.url, BUCKET, NAME, String(TTL_MS)]);
  const children = [start(), start(), start()] as const;
  const slots = await Promise.all(children.map(hear));
  expect(new Set(slots.map(({ slot }) => slot)).size).toBe(3);
  const semaphore = new GcsSemaphore(BUCKET, NAME, { apiEndpoint: server.url, ttlMs: TTL_MS });
  expect(await semaphore.tryAcquire()).toBeUndefined();
  const [living, ...doomed] = children;
  for (const child of doomed) child.kill('SIGKILL');
  const killedAt = performance.now();
  await using lease = await semaphore.acquire({ permits: 2, timeoutMs: 20_000 });
  // A ttl, the skew that the clocks of the store may have, the step of its `Date`, a pause: and what a busy machine adds.
  expect(performance.now() - killedAt).toBeLessThan(TTL_MS + 2_000 + 1_000 + 2_200 + 5_000);
  expect(new Set(lease.slots)).toEqual(new Set(slots.slice(1).map(({ slot }) => slot)));
  expect(await semaphore.tryAcquire()).toBeUndefined();
  const said = hear(living);
  living.send('release');
  expect(await said).toEqual({ wasHeld: true, isReleased: true });
  expect(await semaphore.availablePermits()).toBe(1);
});
