import { expect, it } from 'vitest';
import { Records } from './records.ts';
import type { Shown } from './wire.ts';

const LEASE_ID = 'a'.repeat(32);
const SHOWN: Shown = {
  generation: '7',
  metageneration: '1',
  metadata: { 'lease-id': LEASE_ID },
  createdMs: 0,
  updatedMs: 0,
  writtenMs: 0,
};
const DELETE = {
  method: 'delete',
  ifGenerationMatch: '7',
  ifMetagenerationMatch: undefined,
  metadata: {},
} as const;

it.each([
  ['a release frees the lock for its own', {}, true],
  ['a copy of a release that was refused frees it unknown to its sender', { isCopy: true }, false],
])('%s', (_what, changes, isReleased) => {
  const records = new Records();
  records.onMutation({ ...DELETE, method: 'insert', metadata: SHOWN.metadata }, 1, undefined, 0);
  records.onMutation({ ...DELETE, ...changes }, 1, SHOWN, 1);
  expect(records.wasEnded(LEASE_ID)).toBe(true);
  expect(records.wasReleased(LEASE_ID)).toBe(isReleased);
});

it.each([
  ['a refresh says that a lease id was held', 'held', true],
  ["an operator's break of a record that nobody knew of does not", 'free', false],
])('%s', (_what, state, wasHeld) => {
  const records = new Records();
  const metadata = { 'lease-id': LEASE_ID, state };
  records.onSent({ ...DELETE, method: 'patch', metadata });
  expect(records.onSent({ ...DELETE, method: 'insert', metadata })).toBe(wasHeld);
});
