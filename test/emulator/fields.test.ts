import { describe, expect, it } from 'vitest';
import { applyFields, parseFields } from '../../emulator/fields.ts';
import { refusal, setUp, resource } from './client.ts';

const value = {
  name: 'n',
  generation: '1',
  metadata: { a: '1', b: '2' },
  items: [
    { name: 'x', size: '1', metadata: { a: '3', b: '4' } },
    { name: 'y', size: '2' },
  ],
};

describe('fields', () => {
  it.each([
    ['name', { name: 'n' }],
    ['name,generation', { name: 'n', generation: '1' }],
    ['metadata', { metadata: { a: '1', b: '2' } }],
    ['metadata/a', { metadata: { a: '1' } }],
    ['metadata(b)', { metadata: { b: '2' } }],
    ['items(name,metadata/b)', { items: [{ name: 'x', metadata: { b: '4' } }, { name: 'y' }] }],
    ['items/name', { items: [{ name: 'x' }, { name: 'y' }] }],
    ['*', value],
    ['*/a,name', { name: 'n', generation: '1', metadata: { a: '1' }, items: [{}, {}] }],
    ['metadata/a,metadata/b', { metadata: { a: '1', b: '2' } }],
    ['metadata/a,metadata', { metadata: { a: '1', b: '2' } }],
    ['missing', {}],
  ])('%s keeps only what it names', (mask, kept) => {
    expect(applyFields(value, parseFields(mask))).toEqual(kept);
  });

  it.each(['', ',', 'a,', 'a(', 'a(b', 'a)', 'a()', 'a/', '/a', 'a b', 'a(b))'])(
    '%j cannot be read and is refused',
    async (mask) => {
      const { client } = setUp();
      const answer = await refusal(client.get('x', `?fields=${encodeURIComponent(mask)}`));
      expect(answer).toEqual({
        status: 400,
        reason: 'invalidParameter',
        message: `Invalid field selection ${mask}`,
        location: 'fields',
      });
    },
  );

  it('cut down what an insert, a get, a patch and a list answer', async () => {
    const { client } = setUp();
    const query = 'fields=generation,metadata/a';
    const metadata = { metadata: { a: '1', b: '2' } };
    const inserted = await resource(client.insert('x', { query: `&${query}`, metadata }));
    expect(Object.keys(inserted)).toEqual(['generation', 'metadata']);
    expect(inserted['metadata']).toEqual({ a: '1' });
    expect(await resource(client.get('x', `?${query}`))).toEqual(inserted);
    expect(await resource(client.patch('x', {}, `?${query}`))).toEqual(inserted);
    expect(await resource(client.list('?fields=items(name),nextPageToken'))).toEqual({
      items: [{ name: 'x' }],
    });
  });

  it('that no object has are refused before anything happens', async () => {
    const { emulator, client } = setUp();
    expect(await refusal(client.insert('x', { query: '&fields=colour' }))).toMatchObject({
      status: 400,
      location: 'fields',
    });
    expect(emulator.objects('b')).toEqual([]);
    expect(await refusal(client.list('?fields=items(colour)'))).toMatchObject({ status: 400 });
    expect(await refusal(client.list('?fields=colour'))).toMatchObject({ status: 400 });
  });
});
