import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import { GcsSemaphore } from '../../src/index.ts';

const HOLDER = fileURLToPath(new URL('../../dist/test/process/permit-holder.js', import.meta.url));
const BUCKET = 'permits';
const NAME = 'limits/one';
/** So long that no machine is too busy to refresh in time. */
const TTL_MS = 60_000;
/** A living holder's, whose permit lasts longer than those of the dead. */
const LIVING_TTL_MS = 10 * TTL_MS;

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
  const start = (ttlMs: number): ChildProcess => fork(HOLDER, [server.url, BUCKET, NAME, String(ttlMs)]);
  const children = [start(LIVING_TTL_MS), start(TTL_MS), start(TTL_MS)] as const;
  const slots = await Promise.all(children.map(hear));
  expect(new Set(slots.map(({ slot }) => slot)).size).toBe(3);
  const options = { apiEndpoint: server.url, ttlMs: TTL_MS, requestTimeoutMs: 60_000 };
  const semaphore = new GcsSemaphore(BUCKET, NAME, options);
  expect(await semaphore.tryAcquire()).toBeUndefined();
  const [living, ...doomed] = children;
  for (const child of doomed) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  expect(await semaphore.tryAcquire(), 'before their ttl is over').toBeUndefined();
  // A ttl, the skew that the clocks of the store may have, and the step of its `Date`.
  server.clock.skewMs += TTL_MS + 2_000 + 1_000;
  await using lease = await semaphore.acquire({ permits: 2 });
  expect(new Set(lease.slots)).toEqual(new Set(slots.slice(1).map(({ slot }) => slot)));
  expect(await semaphore.tryAcquire()).toBeUndefined();
  const said = hear(living);
  living.send('release');
  expect(await said).toEqual({ wasHeld: true, isReleased: true });
  expect(await semaphore.availablePermits()).toBe(1);
});
