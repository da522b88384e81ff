import { GcsSemaphore } from '../../src/index.ts';

/** A process that takes a permit, says so, and holds it until it is told to give it back, or dies. */
const [apiEndpoint = '', bucket = '', name = '', ttlMs = ''] = process.argv.slice(2);

const semaphore = new GcsSemaphore(bucket, name, { permits: 3, apiEndpoint, ttlMs: Number(ttlMs) });
const lease = await semaphore.acquire();
const isTold = new Promise((resolve) => {
  process.once('message', resolve);
});
process.send?.({ slot: lease.slots[0] });
await isTold;
process.send?.({ wasHeld: lease.isHeld, isReleased: await lease.release() });
process.disconnect();
