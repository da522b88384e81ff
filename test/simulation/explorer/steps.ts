import type { AcquireEnd } from '../../../src/protocol/acquire.ts';
import type { ProtocolEvent, StoreStep, WaitStep } from '../../../src/protocol/step.ts';
import type { Outcome } from './request.ts';

const MAX_LEASES = 16;

/** The lease id of a client's how manieth acquisition; as a number it is 16 x client + count + 1. */
export function leaseIdOf(client: number, count: number): string {
  if (count >= MAX_LEASES - 1) throw new Error('a client has used up its lease ids');
  return (client * MAX_LEASES + count + 1).toString(16).padStart(32, '0');
}

/** Which client's acquisition a lease id is of. */
export function clientOf(leaseId: string): number {
  return Math.floor((Number.parseInt(leaseId, 16) - 1) / MAX_LEASES);
}

type Written = (ProtocolEvent & { readonly kind: 'wrote' })['outcome'];
type Shown = (ProtocolEvent & { readonly kind: 'read' })['outcome'];

/** The outcome of a write, as an event wants it. */
export function asWritten(outcome: Outcome): Written {
  if (outcome.kind === 'absent' || outcome.kind === 'found' || outcome.kind === 'unreadable') {
    throw new Error(`a write ended as ${outcome.kind}`);
  }
  return outcome;
}

/** The outcome of a read, as an event wants it. */
export function asRead(outcome: Outcome): Shown {
  if (outcome.kind === 'absent' || outcome.kind === 'found' || outcome.kind === 'unreadable') return outcome;
  if (outcome.kind === 'failed') return outcome;
  throw new Error(`a read ended as ${outcome.kind}`);
}

export function isGrant(step: { readonly kind: string }): step is AcquireEnd & { kind: 'granted' } {
  return step.kind === 'granted';
}

export function isWait(step: { readonly kind: string }): step is WaitStep {
  return step.kind === 'wait';
}

export function isStoreStep(step: { readonly kind: string }): step is StoreStep {
  return ['create', 'get', 'patch', 'overwrite', 'delete'].includes(step.kind);
}
