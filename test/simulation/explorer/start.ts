import { LockMemory } from '../../../src/memory.ts';
import type { LockRecord } from '../../../src/protocol/record.ts';
import type { Setup } from './setup.ts';
import type { Client, Stored, World } from './world.ts';

/** A client that has done nothing yet. */
export function newClient(setup: Setup, index: number): Client {
  return {
    index,
    at: { monotonicMs: 0, elapsedMs: 0 },
    acquisitionsLeft: setup.config.acquisitions,
    leaseCount: 0,
    memory: new LockMemory().remembered,
    main: undefined,
    settling: [],
    gap: undefined,
  };
}

/** The world before anything happens. */
export function startWorld(setup: Setup): World {
  return {
    nowMs: 0,
    object: setup.config.hasCounter ? freeObject(setup) : undefined,
    clients: setup.clients.map((_own, index) => newClient(setup, index)),
    strays: [],
    highestToken: 0,
  };
}

/** What an earlier holder of a lock with a fencing counter left. */
function freeObject(setup: Setup): Stored {
  const ttlMs = setup.clients[0]?.settings.record.ttlMs ?? 0;
  const record: LockRecord = {
    state: 'free',
    leaseId: 'f'.repeat(32),
    ttlMs,
    refreshCount: 0,
    holder: 'a client',
    counter: '1',
    metadata: {},
  };
  const version = { generation: '1', metageneration: '1' };
  return { version, content: { kind: 'record', record }, createdAt: 0, updatedAt: 0, writtenAt: 0 };
}
