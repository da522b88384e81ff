import { describe, expect, it } from 'vitest';
import { ForeignObjectError } from '../../src/errors.ts';
import { edit, expectLostAsEdited, plant, put } from '../faults/calls.ts';
import { type ManualWorld, manualWorld } from '../faults/world.ts';

/** Values of custom metadata, which are strings in the store. */
const NO_NUMBERS = {
  NaN: 'NaN',
  Infinity: 'Infinity',
  hexadecimal: '0x10',
  octal: '0o17',
  'too large an exponent': '1e309',
  'an exponent': '6e4',
  nothing: '',
  'a space': ' ',
  negative: '-60000',
  'minus zero': '-0',
  'a sign': '+60000',
  'padded with zeros': '060000',
  'padded with spaces': ' 60000 ',
  'a line feed at its end': '60000\n',
  'a fraction': '60000.0',
  separated: '60,000',
  underscored: '60_000',
  'Arabic digits': '\u0666\u0660\u0660\u0660\u0660',
  'wide digits': '\uff16\uff10\uff10\uff10\uff10',
  'the year 275760': '8640000000000001',
  'beyond int64': '9223372036854775808',
  'a thousand digits': '9'.repeat(1_000),
  __proto__: '__proto__',
  'an array': '["60000"]',
  null: 'null',
  undefined: 'undefined',
  'NUL behind it': '60000\0',
};

/** Every call but those of a lease rejects, and nothing is changed, however long one waits. */
async function expectLeftAlone(world: ManualWorld): Promise<void> {
  const before = world.object();
  await world.advance(2 * 86_400_000);
  const mutex = world.process().mutex();
  const calls = [
    () => mutex.acquire(),
    () => mutex.tryAcquire(),
    () => mutex.status(),
    () => mutex.breakLock(),
  ];
  for (const call of calls) {
    await expect(world.settle<unknown>(call())).rejects.toBeInstanceOf(ForeignObjectError);
  }
  expect(world.object()).toEqual(before);
  await world.end();
}

describe('a record is none, and is left alone by every call,', () => {
  for (const key of ['ttl-ms', 'refresh-count', 'counter', 'state', 'lease-id']) {
    // A count may be as large as that year's milliseconds.
    const values = Object.entries(NO_NUMBERS).filter(
      ([what]) => what !== 'the year 275760' || !['refresh-count', 'counter'].includes(key),
    );
    it.each(values)(`when its ${key} is %s`, async (_, value) => {
      const world = manualWorld();
      await plant(world);
      await edit(world, { [key]: value });
      await expectLeftAlone(world);
    });
  }

  it('when its keys are those of something’s prototype', async () => {
    const world = manualWorld();
    const metadata = Object.fromEntries([
      ['__proto__', 'gcs-mutex/1'],
      ['constructor', 'x'],
      ['toString', 'x'],
    ]);
    await put(world, { metadata });
    await expectLeftAlone(world);
  });
});

describe('a lease is lost, and the object is left alone,', () => {
  it.each(Object.entries(NO_NUMBERS))('when its ttl-ms becomes %s', async (_, value) => {
    const world = manualWorld();
    await expectLostAsEdited(world, () => edit(world, { 'ttl-ms': value }));
  });
});

it('a waiting caller rejects when the record becomes none', async () => {
  const world = manualWorld();
  await plant(world);
  const waiting = world.process().mutex().acquire({ timeoutMs: Infinity });
  const rejected = expect(waiting).rejects.toBeInstanceOf(ForeignObjectError);
  await world.advance(10_000);
  await edit(world, { 'ttl-ms': '1e309' });
  await world.settle(rejected);
  await world.end();
});
