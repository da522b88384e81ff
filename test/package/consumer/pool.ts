/** A user of pools: named things, each for one at a time, with a live object of each. */
import {
  GcsLocks,
  GcsResourcePool,
  type GcsResourcePoolOptions,
  type LiveObjectOptions,
  type PoolAcquireOptions,
  type PooledResource,
  type PoolStatus,
  type PoolTryOptions,
  type PoolTryRunResult,
  ResourcesMismatchError,
  ResourcesUnknownError,
  type ResourceStatus,
} from 'gcs-mutex';

interface Session {
  readonly account: string;
  close(): Promise<void>;
}

export async function everyCallOnAPool(signal: AbortSignal): Promise<string> {
  const live: LiveObjectOptions<Session> = {
    create: async (account, context) => ({ account, close: () => Promise.reject(context.signal.reason) }),
    destroy: (session) => session.close(),
    maxIdle: 3,
    onDestroyError: (error, resource) => void [error, resource],
  };
  const options: GcsResourcePoolOptions<Session> = { ttlMs: 60_000, resources: ['a', 'b'], ...live };
  const pool: GcsResourcePool<Session> = new GcsResourcePool('my-bucket', 'pools/accounts', options);
  const plain: GcsResourcePool = GcsResourcePool.fromUrl(pool.url, { resources: ['a', 'b'] });
  const below: GcsResourcePool<Session> = new GcsLocks('gs://my-bucket/pools').pool('accounts', options);

  const waiting: PoolAcquireOptions = { only: ['a'], timeoutMs: 30_000, signal };
  const trying: PoolTryOptions = { only: ['a'], signal };
  const held: PooledResource<Session> = await pool.acquire(waiting);
  held.throwIfLost();
  await held.refresh({ signal });
  const facts = [held.resource, held.lease.isHeld, held.value.account, held.lossError?.reason];
  const wasHeld: boolean = await held.release({ timeoutMs: 1_000, signal });
  const maybe: PooledResource<undefined> | undefined = await plain.tryAcquire(trying);
  await maybe?.[Symbol.asyncDispose]();
  const account: string = await below.run(({ value }) => value.account, waiting);
  const result: PoolTryRunResult<'done'> = await below.tryRun((): 'done' => 'done', trying);
  const names: readonly string[] = await pool.add(['c'], { signal });
  const inUse: readonly string[] = await pool.remove(['a'], { signal });
  const status: PoolStatus = await pool.status({ signal });
  await pool.close();
  const told = status.resources.map(tell);
  return [
    ...facts,
    wasHeld,
    account,
    result.ran,
    pool.timing.ttlMs,
    status.counts.free,
    ...names,
    ...inUse,
    ...told,
  ].join();
}

function tell({ resource, state, holder, isMember }: ResourceStatus): string {
  return [resource, state, holder?.holder, isMember].join();
}

export function namesIn(error: unknown): readonly string[] {
  if (error instanceof ResourcesMismatchError) return [...error.stored, ...error.given];
  return error instanceof ResourcesUnknownError ? [error.code] : [];
}
