import type { Store } from '../../gcs/store.ts';

/**
 * Removes the object that a probe has made, and no other.
 *
 * @returns whether it is known to be gone.
 */
export async function removeObject(store: Store, leaseId: string, signal: AbortSignal): Promise<boolean> {
  const now = await store.get({ signal });
  if (now.kind === 'absent') return true;
  if (now.kind !== 'found' || now.object.content.kind !== 'record') return false;
  if (now.object.content.record.leaseId !== leaseId) return false;
  const options = { signal, idempotencyToken: crypto.randomUUID() };
  return (await store.delete(now.object.version, options)).kind === 'applied';
}
