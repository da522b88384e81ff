import { describe, expect, it } from 'vitest';
import { refusal, resource, setUp } from './client.ts';
import type { Emulator } from '../../emulator/index.ts';
import type { Client, ObjectJson } from './client.ts';

/** An emulator at the time 0, whose clock a test moves by `skewMs`. */
function start(): { emulator: Emulator; client: Client } {
  return setUp({ clock: () => 0 });
}

const patchBucket = (client: Client, change: unknown, query = ''): Promise<Response> =>
  client.request('PATCH', `/storage/v1/b/b${query}`, { body: JSON.stringify(change) });

const held = (hold: string): unknown => ({
  status: 403,
  reason: 'forbidden',
  message: `Object 'b/x' is under active ${hold} hold and cannot be deleted, overwritten or archived until hold is removed.`,
});

const retained = (until: string): unknown => ({
  status: 403,
  reason: 'retentionPolicyNotMet',
  message: `Object 'b/x' is subject to bucket's retention policy or object retention and cannot be deleted or overwritten until ${until}`,
});

/** Whether an object can be neither overwritten nor deleted, and stays as it is by the attempt. */
async function expectKept(client: Client, refused: unknown): Promise<void> {
  const before = await resource(client.get('x'));
  expect(await refusal(client.insert('x'))).toEqual(refused);
  expect(await refusal(client.delete('x'))).toEqual(refused);
  expect(await resource(client.get('x'))).toEqual(before);
}

describe.each([
  ['temporaryHold', 'Temporary'],
  ['eventBasedHold', 'Event-Based'],
])('an object with %s', (field, name) => {
  it('is neither overwritten nor deleted, until the hold is lifted', async () => {
    const { client } = start();
    const created = await resource(client.insert('x', { metadata: { [field]: true } }));
    expect(created).toHaveProperty(field, true);
    await expectKept(client, held(name));
    const patched = await resource(client.patch('x', { metadata: { a: '1' } }));
    expect(patched).toMatchObject({ [field]: true, metageneration: '2' });
    expect(await resource(client.patch('x', { [field]: false }))).toHaveProperty(field, false);
    expect(await resource(client.insert('x'))).not.toHaveProperty(field);
  });

  it('is held by a patch too, and let go by null', async () => {
    const { client } = start();
    expect(await resource(client.insert('x'))).not.toHaveProperty(field);
    await resource(client.patch('x', { [field]: true }));
    await expectKept(client, held(name));
    expect(await resource(client.patch('x', { [field]: null }))).not.toHaveProperty(field);
    expect((await client.delete('x')).status).toBe(204);
  });

  it('is refused by its precondition before it is refused by its hold', async () => {
    const { client } = start();
    const { generation } = await resource(client.insert('x', { metadata: { [field]: true } }));
    expect((await client.insert('x', { query: '&ifGenerationMatch=0' })).status).toBe(412);
    expect((await client.delete('x', '?ifGenerationMatch=1')).status).toBe(412);
    expect((await client.delete('x', `?ifGenerationMatch=${generation}`)).status).toBe(403);
  });

  it('is held by a boolean alone', async () => {
    const { client } = start();
    await resource(client.insert('x'));
    expect(await refusal(client.patch('x', { [field]: 'true' }))).toMatchObject({
      status: 400,
      reason: 'invalid',
    });
  });
});

describe('a bucket with a default event-based hold', () => {
  it('holds what is created in it, unless the upload says otherwise', async () => {
    const { client } = start();
    await resource(client.insert('before'));
    await resource(patchBucket(client, { defaultEventBasedHold: true }));
    expect(await resource(client.insert('x'))).toHaveProperty('eventBasedHold', true);
    await expectKept(client, held('Event-Based'));
    expect(await resource(client.insert('y', { metadata: { eventBasedHold: false } }))).toHaveProperty(
      'eventBasedHold',
      false,
    );
    for (const name of ['y', 'before']) expect((await client.delete(name)).status).toBe(204);
  });

  it('can be made by the emulator itself', async () => {
    const { emulator, client } = start();
    emulator.addBucket('b', { defaultEventBasedHold: true });
    expect(await resource(client.insert('x'))).toHaveProperty('eventBasedHold', true);
    expect(await resource(client.request('GET', '/storage/v1/b/b'))).toHaveProperty(
      'defaultEventBasedHold',
      true,
    );
  });
});

describe('a bucket with a retention policy', () => {
  it('keeps its objects for a time from their creation, and lets them be patched', async () => {
    const { emulator, client } = start();
    emulator.addBucket('b', { retentionPeriodS: 60 });
    emulator.clock.skewMs = 1;
    expect(await resource(client.insert('x'))).toMatchObject({
      retentionExpirationTime: '1970-01-01T00:01:00.001Z',
    });
    const until = '1970-01-01T00:01:00.001000+00:00';
    await expectKept(client, retained(until));
    emulator.clock.skewMs = 30_000;
    await resource(client.patch('x', { metadata: { a: '1' } }));
    emulator.clock.skewMs = 60_000;
    await expectKept(client, retained(until));
    emulator.clock.skewMs = 60_001;
    expect((await client.delete('x')).status).toBe(204);
  });

  it('keeps what was there before it, and nothing after it', async () => {
    const { client } = start();
    await resource(client.insert('x'));
    const bucket = await resource(patchBucket(client, { retentionPolicy: { retentionPeriod: '60' } }));
    expect(bucket).toMatchObject({
      metageneration: '2',
      retentionPolicy: { retentionPeriod: '60', effectiveTime: '1970-01-01T00:00:00.000Z' },
    });
    await expectKept(client, retained('1970-01-01T00:01:00.000000+00:00'));
    expect(await resource(patchBucket(client, { retentionPolicy: null }))).not.toHaveProperty(
      'retentionPolicy',
    );
    await resource(client.insert('x'));
  });

  it('counts from the end of an event-based hold, and says no time before it', async () => {
    const { emulator, client } = start();
    emulator.addBucket('b', { retentionPeriodS: 60, defaultEventBasedHold: true });
    expect(await resource(client.insert('x'))).not.toHaveProperty('retentionExpirationTime');
    emulator.clock.skewMs = 600_000;
    await expectKept(client, held('Event-Based'));
    expect(await resource(client.patch('x', { eventBasedHold: false }))).toHaveProperty(
      'retentionExpirationTime',
      '1970-01-01T00:11:00.000Z',
    );
    await resource(client.patch('x', { eventBasedHold: false }));
    await expectKept(client, retained('1970-01-01T00:11:00.000000+00:00'));
    emulator.clock.skewMs = 660_000;
    expect((await client.delete('x')).status).toBe(204);
  });

  it('is made with a bucket too, and says since when it is', async () => {
    const { emulator, client } = start();
    const body = JSON.stringify({ name: 'my-bucket', retentionPolicy: { retentionPeriod: 7 } });
    const created = await resource(client.request('POST', '/storage/v1/b?project=p', { body }));
    expect(created).toMatchObject({ retentionPolicy: { retentionPeriod: '7' } });
    emulator.clock.skewMs = 5000;
    const patch = (change: unknown): Promise<ObjectJson> =>
      resource(client.request('PATCH', '/storage/v1/b/my-bucket', { body: JSON.stringify(change) }));
    const effectiveTime = '1970-01-01T00:00:00.000Z';
    expect(await patch({})).toMatchObject({ metageneration: '2', retentionPolicy: { effectiveTime } });
    expect(await patch({ retentionPolicy: { retentionPeriod: '8' } })).toMatchObject({
      updated: '1970-01-01T00:00:05.000Z',
      retentionPolicy: { retentionPeriod: '8', effectiveTime: '1970-01-01T00:00:05.000Z' },
    });
  });

  it.each([
    '7',
    [],
    {},
    { retentionPeriod: '0' },
    { retentionPeriod: '-1' },
    { retentionPeriod: 1.5 },
    { retentionPeriod: '3155760001' },
  ])('may not be %j', async (retentionPolicy) => {
    const { client } = start();
    expect(await refusal(patchBucket(client, { retentionPolicy }))).toMatchObject({
      status: 400,
      reason: 'invalid',
    });
  });
});

describe('a patch of a bucket', () => {
  it('holds its preconditions, and leaves what it does not name', async () => {
    const { client } = start();
    expect((await patchBucket(client, {}, '?ifMetagenerationMatch=2')).status).toBe(412);
    await resource(patchBucket(client, { defaultEventBasedHold: true }, '?ifMetagenerationMatch=1'));
    expect(
      await resource(patchBucket(client, { retentionPolicy: { retentionPeriod: '3155760000' } })),
    ).toMatchObject({ defaultEventBasedHold: true, metageneration: '3' });
    expect(await resource(patchBucket(client, { defaultEventBasedHold: null }))).not.toHaveProperty(
      'defaultEventBasedHold',
    );
    expect(await refusal(patchBucket(client, { defaultEventBasedHold: 1 }))).toMatchObject({ status: 400 });
    await resource(client.insert('x'));
    expect(await resource(client.request('PATCH', '/storage/v1/b/b'))).toHaveProperty('metageneration', '5');
  });
});
