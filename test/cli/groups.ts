import { documentCodec, type DocumentKind } from '../../src/protocol/document-record.ts';
import { RESOURCES, RESOURCES_NAME } from '../../src/protocol/pool.ts';
import { RATE_LIMITER } from '../../src/protocol/rate-record.ts';
import { PERMITS, PERMITS_NAME } from '../../src/protocol/semaphore.ts';
import type { LockStore } from './lock-store.ts';

const WRITE_ID = 'e'.repeat(32);

function encode<Value extends object>(kind: DocumentKind<Value>, value: Value): Record<string, string> {
  return documentCodec(kind).encode({ value, writeIds: [WRITE_ID] });
}

/** Makes a semaphore of so many permits, as whoever acquires first does. */
export function putSemaphore(store: LockStore, name: string, permits: number): Promise<void> {
  return store.put(`${name}/${PERMITS_NAME}`, encode(PERMITS, { permits }));
}

/** Makes a pool of such resources. */
export function putPool(store: LockStore, name: string, names: readonly string[]): Promise<void> {
  return store.put(`${name}/${RESOURCES_NAME}`, encode(RESOURCES, { names }));
}

/** Makes a rate limiter of which all permits have just been taken. */
export function putSpentLimit(
  store: LockStore,
  name: string,
  limit: number,
  windowMs: number,
): Promise<void> {
  const spent = [{ count: limit, untilMs: store.server.clock.now() }];
  return store.put(name, encode(RATE_LIMITER, { limit, windowMs, shares: [], spent }));
}
