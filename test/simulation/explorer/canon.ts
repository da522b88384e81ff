import type { Client, World } from './world.ts';

/**
 * What makes two worlds the same: everything in them but the time since the start.
 *
 * Every point in time counts relative to now, on the clock that it is of. Nothing else is left out or rounded: a key
 * that is not known here counts as it is, which can only tell worlds apart that are the same. Names need no
 * care: lease ids and generations are named after the client, its how manieth acquisition and its how manieth
 * request, and not after the order of events.
 *
 * A world comes down to 64 bits. Of n worlds two different ones fall together with a chance of about n² / 2⁶⁵:
 * 3 in a million for ten million worlds.
 */
export interface Fingerprint {
  high: number;
  low: number;
}

/** Points on the monotonic clock. */
const MONOTONIC = new Set([
  'monotonicMs',
  'untilMs',
  'deadlineMs',
  'maxHoldUntilMs',
  'nextWriteMs',
  'atMs',
  'sinceMs',
  'limitAtMs',
  'alarmAtMs',
]);
/** Points on the server's clock, which is real time. */
const SERVER = new Set(['updatedAt', 'createdAt', 'serverTime', 'writtenAt']);
/** The same for ever; the clocks themselves; counted apart (see `ofClient`); what was computed here. */
const LEFT_OUT = new Set(['settings', 'holder', 'metadata', 'at', 'memory', 'fingerprint']);

interface Key {
  readonly high: number;
  readonly low: number;
  readonly clock: 'monotonic' | 'elapsed' | 'server' | 'none' | 'left-out';
}

const keys = new Map<string, Key>();
const strings = new Map<string, Fingerprint>();
const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);

// What the last call of `digest` came to: a pair without an allocation.
let high = 0;
let low = 0;
let monotonicNow = 0;
let elapsedNow = 0;
let serverNow = 0;

/** The fingerprint of a world. The object that is given is overwritten by the next call. */
export function fingerprint(world: World): Fingerprint {
  serverNow = world.nowMs;
  monotonicNow = 0;
  elapsedNow = 0;
  digest(world.object);
  let sumHigh = high;
  let sumLow = low;
  for (const client of world.clients) {
    const own = ofClient(client);
    sumHigh = scramble(Math.imul(sumHigh, 31) + own.high);
    sumLow = scramble(Math.imul(sumLow, 37) + own.low);
  }
  // The order in which requests were left behind means nothing.
  let straysHigh = 0;
  let straysLow = 0;
  for (const stray of world.strays) {
    digest(stray);
    straysHigh = (straysHigh + high) | 0;
    straysLow = (straysLow + low) | 0;
  }
  result.high = scramble(Math.imul(sumHigh, 31) + straysHigh + world.highestToken) >>> 0;
  result.low = scramble(Math.imul(sumLow, 37) + straysLow + world.highestToken) >>> 0;
  return result;
}

const result: Fingerprint = { high: 0, low: 0 };

/** A client stays the same object until something happens to it, or time passes. */
function ofClient(client: Client): Fingerprint {
  if (client.fingerprint !== undefined) return client.fingerprint;
  monotonicNow = client.at.monotonicMs;
  elapsedNow = client.at.elapsedMs;
  digest(client);
  // What is remembered of the object is of use to acquisitions only.
  if (client.acquisitionsLeft > 0 || client.main?.role === 'acquire') {
    const [sumHigh, sumLow] = [high, low];
    digest(client.memory);
    high = scramble(Math.imul(sumHigh, 31) + high);
    low = scramble(Math.imul(sumLow, 37) + low);
  }
  client.fingerprint = { high, low };
  return client.fingerprint;
}

/** Brings a value down to `high` and `low`; the order of an object's keys means nothing. */
function digest(value: unknown): void {
  switch (typeof value) {
    case 'number':
      return digestNumber(value);
    case 'string': {
      const own = ofString(value);
      high = own.high;
      low = own.low;
      return;
    }
    case 'object':
      if (value === null) break;
      if (Array.isArray(value)) return digestArray(value);
      return digestObject(value as Readonly<Record<string, unknown>>);
    case 'boolean':
      high = value ? 0x51ed_270b : 0x2545_f491;
      low = value ? 0x1b87_3593 : 0x4cf5_ad43;
      return;
    default:
      break;
  }
  high = 0x3c6e_f372;
  low = 0x5bd1_e995;
}

function digestNumber(value: number): void {
  const whole = value | 0;
  if (whole === value) {
    // Whoever calls this mixes the bits.
    high = Math.imul(whole, 0x85eb_ca6b) ^ 0x9e37_79b9;
    low = Math.imul(whole, 0xc2b2_ae35) ^ 0x27d4_eb2f;
    return;
  }
  float[0] = value;
  const first = halves[0] ?? 0;
  const second = halves[1] ?? 0;
  high = scramble(Math.imul(first, 0x85eb_ca6b) ^ scramble(second ^ 0x9e37_79b9));
  low = scramble(Math.imul(second, 0xc2b2_ae35) ^ scramble(first ^ 0x27d4_eb2f));
}

function digestArray(values: readonly unknown[]): void {
  let sumHigh = values.length;
  let sumLow = ~values.length;
  for (const value of values) {
    digest(value);
    sumHigh = scramble(Math.imul(sumHigh, 0x01b3_4a51) + high);
    sumLow = scramble(Math.imul(sumLow, 0x0342_a5b7) + low);
  }
  high = sumHigh;
  low = sumLow;
}

function digestObject(values: Readonly<Record<string, unknown>>): void {
  let sumHigh = 0x7f4a_7c15;
  let sumLow = 0x1656_67b1;
  for (const name in values) {
    const value = values[name];
    // A key that is there and undefined is one that is not there.
    if (value === undefined) continue;
    const key = keys.get(name) ?? keyOf(name);
    if (key.clock === 'left-out') continue;
    if (typeof value === 'number') digestNumber(relative(value, key.clock));
    else digest(value);
    sumHigh = (sumHigh + scramble(high ^ key.high)) | 0;
    sumLow = (sumLow + scramble(low ^ key.low)) | 0;
  }
  high = sumHigh;
  low = sumLow;
}

function relative(value: number, clock: Key['clock']): number {
  switch (clock) {
    case 'monotonic':
      return value - monotonicNow;
    case 'elapsed':
      return value - elapsedNow;
    case 'server':
      return value - serverNow;
    case 'none':
    case 'left-out':
      return value;
    default:
      return clock satisfies never;
  }
}

function keyOf(name: string): Key {
  const clock = MONOTONIC.has(name)
    ? 'monotonic'
    : SERVER.has(name)
      ? 'server'
      : name === 'elapsedMs'
        ? 'elapsed'
        : LEFT_OUT.has(name)
          ? 'left-out'
          : 'none';
  const key = { ...ofString(name), clock } as const;
  keys.set(name, key);
  return key;
}

function ofString(text: string): Fingerprint {
  const before = strings.get(text);
  if (before !== undefined) return before;
  let first = 0x811c_9dc5;
  let second = 0x1000_193;
  for (let index = 0; index < text.length; index++) {
    first = scramble(first ^ text.charCodeAt(index));
    second = scramble(Math.imul(second, 0x5bd1_e995) + text.charCodeAt(index));
  }
  const own = { high: first, low: second };
  strings.set(text, own);
  return own;
}

/** Mixes the bits of one number (the finalizer of MurmurHash3). */
function scramble(bits: number): number {
  let mixed = bits ^ (bits >>> 16);
  mixed = Math.imul(mixed, 0x85eb_ca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
