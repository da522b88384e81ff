import { expect, it } from 'vitest';
import type { Transport, TransportRequest } from '../src/gcs/transport.ts';
import type { ImaginedProcess } from '../src/testing/index.ts';
import { createTestBucket } from './through/bucket.ts';

/** A process whose requests can be looked at as the transport gets them. */
function watched(process: ImaginedProcess): {
  readonly sent: TransportRequest[];
  readonly transport: Transport;
} {
  const sent: TransportRequest[] = [];
  const transport: Transport = (request, signal) => {
    sent.push(request);
    return process.components.transport(request, signal);
  };
  return { sent, transport };
}

const tokenOf = (request: TransportRequest): string | undefined =>
  request.headers['x-goog-gcs-idempotency-token'];
const isPatch = (request: TransportRequest): boolean => request.method === 'PATCH';

it('sends a refresh that did nothing again under its own idempotency token, and a new one under a new', async () => {
  const world = createTestBucket();
  const process = world.process();
  const { sent, transport } = watched(process);
  const acquired = process.mutex('lock', {}, { transport }).acquire();
  await world.clock.advance(0);
  const lease = await acquired;
  world.emulator.faults.add({
    when: 'before',
    match: { method: 'PATCH' },
    do: { kind: 'status', status: 429 },
  });
  await world.clock.advance(42_000);
  const [first, again, next] = sent.filter(isPatch).map(tokenOf);
  expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  expect(again).toBe(first);
  expect(next).not.toBe(first);
  expect(lease.isHeld).toBe(true);
});

it('reaches past the dead connections of a suspend: the refresh that settles the doubt opens its own', async () => {
  const world = createTestBucket();
  const process = world.process();
  const { sent, transport } = watched(process);
  const acquired = process.mutex('lock', {}, { transport }).acquire();
  await world.clock.advance(0);
  const lease = await acquired;
  process.machine.suspend();
  await world.clock.advance(30_000);
  process.machine.wake();
  expect(lease.isHeld).toBe(false);
  await world.clock.advance(0);
  expect(lease.isHeld).toBe(true);
  await world.clock.advance(20_000);
  expect(sent.filter(isPatch).map(({ freshConnection }) => freshConnection === true)).toEqual([true, false]);
});

it('opens a connection of its own after a request that got no answer', async () => {
  const world = createTestBucket();
  const process = world.process();
  const { sent, transport } = watched(process);
  world.emulator.faults.add({ when: 'after', match: { method: 'POST' }, do: { kind: 'stall' } });
  const acquired = process.mutex('lock', {}, { transport }).acquire();
  await world.clock.advance(11_000);
  const lease = await acquired;
  expect(lease.isHeld).toBe(true);
  expect(sent.map(({ method, freshConnection }) => [method, freshConnection === true])).toEqual([
    ['POST', false],
    ['GET', true],
  ]);
});

it('reports no failure of a refresh whose answer was lost though it was applied', async () => {
  const world = createTestBucket();
  const process = world.process();
  const events: string[] = [];
  const components = { logger: ({ kind }: { readonly kind: string }) => events.push(kind) };
  const acquired = process.mutex('lock', {}, components).acquire();
  await world.clock.advance(0);
  await acquired;
  world.emulator.faults.add({ when: 'after', match: { method: 'PATCH' }, do: { kind: 'reset' } });
  world.emulator.faults.add({ when: 'before', match: { method: 'PATCH' }, skip: 1, do: { kind: 'reset' } });
  await world.clock.advance(45_000);
  expect(events).toEqual(['acquired', 'refreshed', 'refresh-failed', 'refreshed']);
});
