import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createStore } from '../../../src/gcs/json-api.ts';
import type { Store } from '../../../src/gcs/store.ts';
import type { TransportRequest } from '../../../src/gcs/transport.ts';
import { resolveName } from '../../../src/lock-name.ts';
import { answer, record, unhurried, writing } from '../../gcs/tools.ts';
import { checkRequest, ORIGIN } from './check-request.ts';
import { FUZZ_TIMEOUT_MS, tryOut } from './runs.ts';

const PIECES = [
  '.',
  '..',
  '/',
  '//',
  '\\',
  '%',
  '%2e',
  '%2F',
  '%00',
  '#',
  '?',
  '[',
  '*',
  '&name=',
  '+',
  ' ',
  ';',
  ':',
  '@',
  '\0',
  '\r',
  '\n',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\u202e',
  '\u001b[2J',
  '\u00e9',
  'e\u0301',
  '\u{1f512}',
  '\ud83d',
  '\udd12',
  '\uffff',
  '\u{10ffff}',
  '__proto__',
  'constructor',
  '.well-known/acme-challenge/',
  '--gcs-mutex-',
  '"',
  "'",
  '{',
  '}',
  'x'.repeat(500),
  '\u{1f512}'.repeat(128),
  'locks/',
  'a',
  'http://b/',
];

const names = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => pieces.join('')),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
    .map((units) => String.fromCharCode(...units)),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

/** The store's rules, said in another way than the code says them. */
function isLegal(name: string): boolean {
  const bytes = new TextEncoder().encode(name);
  const isWellFormed = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) === name;
  return (
    isWellFormed &&
    bytes.length > 0 &&
    bytes.length <= 1_024 &&
    !name.includes('\r') &&
    !name.includes('\n') &&
    !['.', '..'].includes(name) &&
    !name.startsWith('.well-known/acme-challenge/')
  );
}

const CALLS: readonly ((store: Store) => Promise<unknown>)[] = [
  (store) => store.create(record(), writing()),
  (store) => store.overwrite(VERSION, record(), writing()),
  (store) => store.patch(VERSION, record(), writing()),
  (store) => store.delete(VERSION, writing()),
  (store) => store.get(unhurried()),
];
const VERSION = { generation: '5', metageneration: '1' };
const BUSY = answer(429);

it(
  'any name is refused before any request, or each request is about that very name',
  async () => {
    await tryOut(fc.tuple(names, fc.constantFrom(...CALLS)), async ([name, call]) => {
      const isTaken = isLegal(name);
      try {
        resolveName('bucket', name);
        if (!isTaken) throw new Error('a name that the store does not take is taken');
      } catch (error) {
        if (isTaken) throw error;
        expect(error).toHaveProperty('code', 'ERR_INVALID_ARGUMENT');
        return;
      }
      const requests: TransportRequest[] = [];
      const store = createStore({ endpoint: { origin: ORIGIN }, bucket: 'bucket', name }, (request) => {
        requests.push(request);
        return Promise.resolve(BUSY);
      });
      await call(store);
      for (const request of requests) checkRequest(request, name);
      if (requests.length !== 1) throw new Error('one call is one request');
    });
  },
  FUZZ_TIMEOUT_MS,
);
