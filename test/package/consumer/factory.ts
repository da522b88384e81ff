/** A user of the factory: makes locks, lists them, and clears away what is left of old ones. */
import {
  type BreakableLock,
  type CleanOptions,
  type FoundLock,
  GcsLocks,
  type LeaseTiming,
  type ListedLock,
} from 'gcs-mutex';

export async function overTheFolder(signal: AbortSignal): Promise<readonly string[]> {
  const locks = new GcsLocks('gs://my-bucket/locks', { ttlMs: 60_000 });
  const timing: LeaseTiming = locks.mutex('a', { holder: 'me' }).timing;
  const seen: string[] = [`${locks.url} ${timing.ttlMs} ${timing.refreshIntervalMs} ${timing.marginMs}`];
  seen.push(locks.semaphore('b', { permits: 2 }).url);
  for await (const lock of locks.list({ signal })) seen.push(tell(lock));
  const found: FoundLock | undefined = await locks.find('b', { signal });
  seen.push(found?.kind ?? 'nothing');
  const dead: BreakableLock | undefined = found?.kind === 'held' ? found : undefined;
  if (dead !== undefined) seen.push(String(await locks.break(dead, { signal })));
  const cleaning: CleanOptions = { staleForMs: 3_600_000, dryRun: true, signal };
  for (const lock of await locks.clean(cleaning)) seen.push(lock.url);
  return seen;
}

function tell(lock: ListedLock): string {
  switch (lock.kind) {
    case 'held':
      return `${lock.name}: ${lock.status.holder}, ${lock.staleForMs}`;
    case 'free':
      return lock.name;
    case 'pool':
      return `${lock.name}: ${lock.status.counts.held}, ${lock.untouchedForMs}, ${lock.version.generation}`;
    case 'event':
      return `${lock.name}: ${lock.status.isSet}, ${lock.status.since.getTime()}, ${lock.staleForMs}`;
    case 'rate-limiter':
      return `${lock.name}: ${lock.status.available}, ${lock.status.nextFreeAt?.getTime()}, ${lock.staleForMs}`;
    case 'newer':
      return `${lock.name}: ${lock.schema}`;
    case 'semaphore':
      return `${lock.name}: ${lock.status.held}, ${lock.untouchedForMs}, ${lock.version.generation}`;
    default:
      return lock;
  }
}
