import type { DeleteOutcome, Failure, ReadOutcome, WriteOutcome } from '../../../src/protocol/outcome.ts';
import type { LockRecord } from '../../../src/protocol/record.ts';
import type { StoreStep } from '../../../src/protocol/step.ts';

export type Outcome = WriteOutcome | DeleteOutcome | ReadOutcome;

/** A request on its way to the bucket, with the preconditions that the JSON API would be sent. */
export interface Request {
  readonly method: 'get' | 'insert' | 'patch' | 'delete';
  /** Who sent it, under which lease id, as its how manieth: known to the explorer, not to the bucket. */
  readonly client: number;
  readonly leaseId: string;
  readonly request: number;
  /** 1 for the second copy of a request that the network doubled. */
  readonly copy: 0 | 1;
  readonly ifGenerationMatch?: string | undefined;
  readonly ifMetagenerationMatch?: string | undefined;
  readonly record?: LockRecord;
}

/** The request that carries a step out; the guards are the ones that `src/gcs/json-api.ts` sends. */
export function requestOf(step: StoreStep, client: number, leaseId: string): Request {
  switch (step.kind) {
    case 'get':
      return { method: 'get', client, leaseId, request: 0, copy: 0 };
    case 'create': {
      const { request, record } = step;
      return { method: 'insert', client, leaseId, request, copy: 0, ifGenerationMatch: '0', record };
    }
    case 'delete': {
      const { request, generation } = step;
      return { method: 'delete', client, leaseId, request, copy: 0, ifGenerationMatch: generation };
    }
    case 'overwrite':
    case 'patch': {
      const { request, record, expected } = step;
      return {
        method: step.kind === 'patch' ? 'patch' : 'insert',
        client,
        leaseId,
        request,
        copy: 0,
        ifGenerationMatch: expected.generation,
        ifMetagenerationMatch: expected.metageneration,
        record,
      };
    }
    default:
      return step satisfies never;
  }
}

const UNAVAILABLE: Failure = { kind: 'unavailable', detail: 'no answer' };
const BUSY: Failure = { kind: 'busy', detail: '429' };

/** What a sender hears when its connection breaks or its time limit is reached. */
export function noAnswer({ method }: Request): Outcome {
  return { kind: method === 'get' ? 'unreadable' : 'unknown', failure: UNAVAILABLE };
}

/** What a sender hears from a store that asks for patience. */
export function busyAnswer({ method }: Request): Outcome {
  return { kind: method === 'get' ? 'unreadable' : 'not-applied', failure: BUSY };
}
