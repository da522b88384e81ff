import { expect } from 'vitest';
import type { Fault, FaultMatch, ScriptedFault } from '../../emulator/index.ts';
import type { GcsMutex } from '../../src/mutex.ts';
import { encodeRecord, type LockRecord } from '../../src/protocol/record.ts';
import type { TransportRequest } from '../../src/gcs/transport.ts';
import { ADMIN_TOKEN } from '../through/tokens.ts';
import { PROCESS_HEADER } from './history.ts';
import { NAME, type Player, type World } from './world.ts';

/** Create, get, refresh, takeover, release: the five calls that a fault can meet. */
export type Call = 'C' | 'G' | 'R' | 'T' | 'D';

/** Which requests each call is; those of a test itself are none. */
export const MATCH: Readonly<Record<Call, FaultMatch>> = {
  C: { operation: 'objects.insert', query: { ifGenerationMatch: '0' }, where: isOurs },
  G: { operation: 'objects.get', where: isOurs },
  R: { operation: 'objects.patch', where: isOurs },
  T: {
    operation: 'objects.insert',
    where: (request) => isOurs(request) && request.query['ifGenerationMatch'] !== '0',
  },
  D: { operation: 'objects.delete', where: isOurs },
};

export function isOurs({ headers }: { readonly headers: Readonly<Record<string, string>> }): boolean {
  return headers[PROCESS_HEADER] !== undefined;
}

/** The same, before they leave their process. */
export function isCall(call: Call, request: Sent): boolean {
  return callOf(request) === call;
}

/** Which of the five a request is. */
export function callOf({ method, url }: Sent): Call {
  const write = url.includes('ifGenerationMatch=0&') ? 'C' : 'T';
  const call = ({ POST: write, GET: 'G', PATCH: 'R', DELETE: 'D' } as const)[method];
  if (call === undefined) throw new TypeError(`${method} is none of the five calls`);
  return call;
}

type Sent = Pick<TransportRequest, 'url'> & { readonly method: string };

/** A failure on the way to the store or back, or in the store's place. */
export interface CallFault {
  readonly when: 'before' | 'after';
  readonly do: Extract<Fault, { when: 'after' }>['do'];
}

/** Scripts a fault for one of the calls. */
export function strike(world: World, call: Call, fault: CallFault, times = 1): ScriptedFault {
  return strikeThose(world, MATCH[call], fault, times);
}

/** Scripts a fault for some requests. */
export function strikeThose(
  world: Pick<World, 'emulator'>,
  match: FaultMatch,
  fault: CallFault,
  times: number,
): ScriptedFault {
  const scope = { match, times };
  if (fault.when === 'after') return world.emulator.faults.add({ ...scope, when: 'after', do: fault.do });
  const { do: action } = fault;
  if (action.kind === 'truncate' || action.kind === 'drip' || action.kind === 'endless') {
    throw new TypeError(`${action.kind} breaks an answer`);
  }
  return world.emulator.faults.add({ ...scope, when: 'before', do: action });
}

/** From now on, until the script is removed, one process's requests get lost, or the answers to them. */
export function cutOff(world: World, { line }: Player, what: 'requests' | 'answers'): ScriptedFault {
  const where: FaultMatch['where'] = ({ headers }) => headers[PROCESS_HEADER] === line.id;
  const when = what === 'requests' ? 'before' : 'after';
  return world.emulator.faults.add({ when, do: { kind: 'stall' }, match: { where }, times: Infinity });
}

/** When, by the store's clock, a record was last replaced. */
export function takeoverAt(world: Pick<World, 'emulator'>): number {
  const replacing = world.emulator.requests
    .mutations()
    .findLast(
      ({ operation, query, applied }) =>
        operation === 'objects.insert' && query['ifGenerationMatch'] !== '0' && applied === 200,
    );
  return replacing?.at ?? Number.NaN;
}

/** Puts a record of nobody's there, as a holder that is dead has left it. */
export async function plant(world: World, changes: Partial<LockRecord> = {}, name = NAME): Promise<void> {
  const record: LockRecord = {
    state: 'held',
    leaseId: 'd'.repeat(32),
    ttlMs: world.options.ttlMs,
    refreshCount: 0,
    holder: 'a dead holder',
    metadata: {},
    ...changes,
  };
  await put(world, { metadata: encodeRecord(record) }, name);
}

/** What an admin needs to know of a world. */
type Stored = Pick<World, 'bucket' | 'emulator'>;

/** Writes any object, as an admin would. */
export async function put(world: Stored, resource: object, name = NAME): Promise<void> {
  const body = [
    '--b\r\ncontent-type: application/json\r\n\r\n',
    JSON.stringify({ name, ...resource }),
    '\r\n--b\r\ncontent-type: text/plain\r\n\r\nsome text\r\n--b--\r\n',
  ].join('');
  const path = `/upload/storage/v1/b/${world.bucket}/o?uploadType=multipart&name=${encodeURIComponent(name)}`;
  await asAdmin(world, 'POST', path, { 'content-type': 'multipart/related; boundary=b' }, body);
}

/** Changes custom metadata, as an admin would; null removes a key. */
export async function edit(world: World, metadata: Readonly<Record<string, string | null>>): Promise<void> {
  await patchObject(world, { metadata });
}

/** Removes the object, as an admin or a lifecycle rule would. */
export async function remove(world: World): Promise<void> {
  await asAdmin(world, 'DELETE', objectPath(world, NAME), {});
}

/** Changes the object's own fields, as an admin would. */
export async function patchObject(world: World, fields: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await asAdmin(world, 'PATCH', objectPath(world, NAME), headers, JSON.stringify(fields));
}

/** Changes the bucket's settings, as an admin would; `null` takes one away. */
export async function patchBucket(world: World, settings: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await asAdmin(world, 'PATCH', `/storage/v1/b/${world.bucket}`, headers, JSON.stringify(settings));
}

/** Removes the empty bucket, as an admin would. */
export async function removeBucket(world: World): Promise<void> {
  await asAdmin(world, 'DELETE', `/storage/v1/b/${world.bucket}`, {});
}

function objectPath(world: World, name: string): string {
  return `/storage/v1/b/${world.bucket}/o/${encodeURIComponent(name)}`;
}

async function asAdmin(
  world: Stored,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
): Promise<void> {
  const init = {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
    ...(body === undefined ? {} : { body }),
  };
  const response = await world.emulator.handler(new Request(`http://admin.test${path}`, init));
  expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
}

/** Whatever can be asked of a mutex. */
export function everyCall(mutex: GcsMutex): readonly (() => Promise<unknown>)[] {
  return [
    () => mutex.acquire(),
    () => mutex.tryAcquire(),
    () => mutex.run(() => 1),
    () => mutex.tryRun(() => 1),
    () => mutex.status(),
    () => mutex.breakLock(),
  ];
}

/** A holder whose record becomes something else loses its lease, and leaves alone what is there now. */
export async function expectLostAsEdited(world: World, change: () => Promise<void>): Promise<void> {
  const lease = await world.settle(world.process().mutex().acquire());
  await change();
  const before = world.object();
  await world.until('it is lost', () => lease.signal.aborted);
  expect(lease.lossError?.reason).toBe('edited');
  expect(await world.settle(lease.release())).toBe(false);
  expect(world.object()).toEqual(before);
  await world.end();
}
