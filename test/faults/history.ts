import { expect } from 'vitest';
import type { Emulator, RecordedRequest, StoredObject } from '../../emulator/index.ts';

/** The header by which a test's transport says which of its processes sends. */
export const PROCESS_HEADER = 'x-test-process';

/** One request that the store carried out, and what it made of the object. */
interface Change {
  readonly request: RecordedRequest;
  /** The server's time. */
  readonly at: number;
  readonly before: StoredObject | undefined;
  readonly after: StoredObject | undefined;
}

/**
 * What became of a bucket's objects, in the order in which requests were carried out: for a request that was
 * held up, that is another order than that of its arrival.
 */
export class History {
  readonly #changes: Change[] = [];
  readonly #objects = new Map<string, StoredObject | undefined>();
  readonly #emulator: Emulator;
  readonly #bucket: string;

  constructor(emulator: Emulator, bucket: string) {
    this.#emulator = emulator;
    this.#bucket = bucket;
    // A fault that never strikes: it is asked about each request right after the store carried it out.
    const where = (request: RecordedRequest): boolean => {
      this.#note(request);
      return false;
    };
    emulator.faults.add({
      when: 'after',
      do: { kind: 'delay', ms: 0 },
      times: Number.POSITIVE_INFINITY,
      match: { where },
    });
  }

  /** Fails where a lock that was not stale was changed by a process that did not hold it. */
  expectLiveLocksLeftAlone(): void {
    const ownerOf = new Map<string, string>();
    for (const { request, at, before, after } of this.#changes) {
      const sender = request.headers[PROCESS_HEADER];
      const newId = after?.metadata?.['lease-id'];
      if (newId !== undefined && !ownerOf.has(newId)) ownerOf.set(newId, sender ?? 'an admin');
      const oldId = before?.metadata?.['lease-id'];
      const isChanged =
        before?.generation !== after?.generation || before?.metageneration !== after?.metageneration;
      if (before === undefined || oldId === undefined || !isChanged || sender === undefined) continue;
      const ttlMs = Number(before.metadata?.['ttl-ms']);
      const ageMs = at - before.updated;
      const isFree = before.metadata?.['state'] === 'free';
      const what = `${request.method} of ${sender} changed the lock of ${ownerOf.get(oldId)}, ${ageMs} ms old of ${ttlMs}`;
      expect(ageMs >= ttlMs || isFree || sender === ownerOf.get(oldId), what).toBe(true);
      if (request.method === 'PATCH') expect(newId, 'a patch keeps the lease id').toBe(oldId);
    }
  }

  #note(request: RecordedRequest): void {
    if (request.bucket !== this.#bucket || request.object === '') return;
    const before = this.#objects.get(request.object);
    // There may be no bucket to look into.
    const after = request.applied === 404 ? undefined : this.#emulator.object(this.#bucket, request.object);
    this.#objects.set(request.object, after);
    this.#changes.push({ request, at: this.#emulator.clock.now(), before, after });
  }
}

/** Fails where a write of a process of the test went without the guards that it needs. */
export function expectGuards(emulator: Emulator): void {
  for (const { method, query, headers } of emulator.requests.mutations()) {
    if (headers[PROCESS_HEADER] === undefined) continue;
    expect(query['ifGenerationMatch'], `ifGenerationMatch of ${method}`).toMatch(/^\d+$/);
    const isOverwrite = method === 'POST' && query['ifGenerationMatch'] !== '0';
    if (isOverwrite || method === 'PATCH') {
      expect(query['ifMetagenerationMatch'], `ifMetagenerationMatch of ${method}`).toMatch(/^[1-9]\d*$/);
    }
  }
}
