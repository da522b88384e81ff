import { describe, expect, it } from 'vitest';
import { OPTION_NAMES } from '../../src/settings.ts';
import { make, refusalOf } from './refused.ts';

/** What is wrong for an option unless it is named below; a new option is tried with each of them. */
const BAD: Readonly<Record<string, unknown>> = {
  zero: 0,
  'minus zero': -0,
  'minus one': -1,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  'minus Infinity': Number.NEGATIVE_INFINITY,
  'a fraction': 1.5,
  'a number in a string': '30',
  '2 to the 31st': 2 ** 31,
  'the largest number': Number.MAX_VALUE,
  null: null,
  true: true,
  'an empty string': '',
  'a bigint': 30n,
  'a symbol': Symbol('30'),
  'an array': [60_000],
  'a date': new Date(60_000),
  'a function': () => 60_000,
  'a Number object': Object(60_000),
};

/** Which of them an option takes after all. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  clockSkewMs: ['zero', 'minus zero', 'a fraction'],
  acquireTimeoutMs: ['zero', 'minus zero', 'Infinity', 'a fraction', '2 to the 31st', 'the largest number'],
  mutationIntervalMs: ['zero', 'minus zero', 'a fraction'],
  maxHoldMs: ['a fraction', '2 to the 31st'],
  // Objects without keys of their own.
  backoff: ['a date', 'a Number object'],
  metadata: ['a date', 'a Number object'],
  holder: ['a number in a string'],
  onRefreshError: ['a function'],
  onReleaseError: ['a function'],
  userProject: ['a number in a string'],
  // A host may be a number: 30 is 0.0.0.30.
  apiEndpoint: ['a number in a string'],
};

/** The options within options. */
const BACKOFF = ['minMs', 'maxMs', 'factor'];
const TAKEN_BACKOFF: Readonly<Record<string, readonly string[]>> = { factor: ['a fraction'] };

describe.each([...OPTION_NAMES])('the option %s', (option) => {
  for (const [what, value] of Object.entries(BAD)) {
    const options = { [option]: value };
    if (TAKEN[option]?.includes(what) === true) {
      it(`takes ${what}`, () => {
        expect(make({ options }, () => Promise.reject(new Error('no request')))).toBeDefined();
      });
    } else {
      it(`does not take ${what}`, () => {
        const refusal = refusalOf({ options }, option);
        const isNumber =
          typeof value === 'number' && !['takeover', 'auth', 'metadata', 'backoff'].includes(option);
        if (isNumber && refusal instanceof RangeError) expect(refusal.message).toContain(`got ${value}`);
      });
    }
  }
});

describe.each(BACKOFF)('the option backoff.%s', (option) => {
  for (const [what, value] of Object.entries(BAD)) {
    if (TAKEN_BACKOFF[option]?.includes(what) === true) continue;
    it(`does not take ${what}`, () => {
      const argument = value === null ? option : `backoff.${option}`;
      refusalOf({ options: { backoff: { [option]: value } } }, argument);
    });
  }
});

describe('the option metadata', () => {
  it.each(['__proto__', 'constructor!', '', '-a', 'A', 'a b', 'é', 'a'.repeat(64)])(
    'takes no key %j',
    (key) => {
      refusalOf({ options: { metadata: Object.fromEntries([[key, 'x']]) } }, 'a key of metadata');
    },
  );

  it.each(['\0', '\u001b[2J', 'é', '\u202e', 'a\r\nb', 5, null, {}])('takes no value %j', (value) => {
    refusalOf({ options: { metadata: { run: value } } }, 'metadata.run');
  });

  it('takes names that mean something to an object, which stay names', () => {
    const metadata = { constructor: 'x', hasownproperty: 'y', tostring: 'z' };
    expect(make({ options: { metadata } }, () => Promise.reject(new Error('no request')))).toBeDefined();
  });
});

describe('an option that does not exist', () => {
  const silent = (): Promise<never> => Promise.reject(new Error('no request'));
  const unknown = { code: 'ERR_INVALID_ARGUMENT', message: expect.stringMatching(/^unknown option "/) };

  it.each(['ttl', 'TTLMS', 'ttlms', 'constructor', 'toString', 'timeoutMs', ''])('such as %j', (key) => {
    const options = Object.fromEntries([[key, 1]]);
    expect(() => make({ options }, silent)).toThrow(expect.objectContaining(unknown));
  });

  it('such as a __proto__ of its own, as JSON can have it', () => {
    const backoff: unknown = JSON.parse('{"__proto__": {"minMs": 10}}');
    expect(() => make({ options: { backoff } }, silent)).toThrow(expect.objectContaining(unknown));
  });
});
