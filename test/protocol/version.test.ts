import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSameVersion, isVersionNumber } from '../../src/protocol/version.ts';
import { version } from './tools.ts';

it('needs both numbers to be the same version', () => {
  expect(isSameVersion(version(5, 1), version(5, 1))).toBe(true);
  expect(isSameVersion(version(5, 1), version(5, 2))).toBe(false);
  // The metageneration starts at 1 again in every generation.
  expect(isSameVersion(version(5, 1), version(6, 1))).toBe(false);
});

it('tells versions apart that a double cannot', () => {
  const one = { generation: '9007199254740992', metageneration: '1' };
  expect(isSameVersion(one, { ...one, generation: '9007199254740993' })).toBe(false);
});

it('takes positive whole numbers in decimal strings for version numbers', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), (number) => {
      expect(isVersionNumber(String(number))).toBe(true);
    }),
  );
});

it.each([
  undefined,
  null,
  1,
  1n,
  '',
  '0',
  '-1',
  '01',
  '1.0',
  '1e3',
  ' 1',
  '1\n',
  '9223372036854775808',
  '12345678901234567890',
  ['1'],
])('takes %o for no version number', (value) => {
  expect(isVersionNumber(value)).toBe(false);
});
