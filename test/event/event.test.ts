import { describe, expect, it } from 'vitest';
import { GcsEvent } from '../../src/event/event.ts';
import { WaitTimeoutError } from '../../src/event/wait-timeout.ts';
import { eventWorld, NAME } from './tools.ts';

describe('an event', () => {
  it('is not set before anybody set it, and nothing is written to find that out', async () => {
    const world = eventWorld();
    const event = world.event();
    expect(await event.isSet()).toBe(false);
    const never = { isSet: false, payload: '', setCount: 0, since: undefined, version: undefined };
    expect(await event.status()).toEqual(never);
    expect(world.asked()).toEqual(['GET 404', 'GET 404']);
  });

  it('tells everybody that it is set, with what, and since when by the server’s clock', async () => {
    const world = eventWorld();
    await world.clock.advance(5_000);
    expect(await world.settle(world.event().set('rows: 7'))).toBe(1);
    const setAt = new Date(world.clock.wallMs());
    await world.clock.advance(60_000);
    expect(await world.event().status()).toEqual({
      isSet: true,
      payload: 'rows: 7',
      setCount: 1,
      since: setAt,
      version: { generation: expect.any(String), metageneration: '1' },
    });
    await world.settle(world.event().clear());
    expect(await world.event().status()).toMatchObject({
      isSet: false,
      payload: 'rows: 7',
      since: new Date(world.clock.wallMs()),
    });
  });

  it('counts how often it was set, by whomever', async () => {
    const world = eventWorld({ mutationsPerSecond: 1, mutationBurst: 1 });
    const sets = Array.from({ length: 4 }, () => world.event().set('', { timeoutMs: 60_000 }));
    expect(new Set(await world.settle(Promise.all(sets)))).toEqual(new Set([1, 2, 3, 4]));
    expect(await world.event().status()).toMatchObject({ isSet: true, setCount: 4 });
  });

  it('takes two requests to set or clear, and one to look at', async () => {
    const world = eventWorld();
    const event = world.event();
    await world.settle(event.set());
    await world.settle(event.clear());
    await event.isSet();
    expect(world.asked()).toEqual(['GET 404', 'POST 200', 'GET 200', 'PATCH 200', 'GET 200']);
  });

  it('is the same by its URL', async () => {
    const world = eventWorld();
    await world.settle(world.event().set('here'));
    const url = `gs://${world.bucket}/${NAME}`;
    const options = { apiEndpoint: 'http://127.0.0.1:4443' };
    const same = GcsEvent.fromUrl(url, options, world.process().components);
    expect(same.url).toBe(url);
    expect(await same.wait()).toBe('here');
  });

  it.each([
    '',
    ' ',
    'a',
    '100 %',
    'naïve 日本語 🎉',
    '{"a":[1,2]}',
    '%41',
    '\u0000\n\u007f',
    'x'.repeat(6_000),
  ])('brings the payload %j through', async (payload) => {
    const world = eventWorld();
    await world.settle(world.event().set(payload));
    expect(await world.event().wait()).toBe(payload);
    expect(world.stored()?.payload).toMatch(/^[ -~]*$/);
  });

  it.each([
    ['x'.repeat(6_001), 'payload must be at most 6000 bytes', '(6001 bytes)'],
    ['日'.repeat(667), 'three for each of its bytes of UTF-8', '(6003 bytes)'],
    ['\ud800', 'payload must be well-formed Unicode', ''],
    [7, 'payload must be a string, got 7', ''],
  ])('refuses a payload that does not fit before anything is sent', async (payload, ...words) => {
    const world = eventWorld();
    const error: unknown = await world
      .event()
      .set(payload as string)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    for (const word of words) expect(String(error)).toContain(word);
    expect(world.asked()).toEqual([]);
  });

  it('refuses wrong arguments before anything is sent', async () => {
    const world = eventWorld();
    const event = world.event();
    expect(() => new GcsEvent('my-bucket', '')).toThrow('name must be');
    expect(() => new GcsEvent('my-bucket', 'a', { ttlMs: 60_000 } as object)).toThrow(
      'unknown option "ttlMs"',
    );
    expect(() => GcsEvent.fromUrl('gs://my-bucket')).toThrow('url must be');
    await expect(event.nextSet({ after: -1 })).rejects.toThrow('after must be a setCount');
    await expect(event.nextSet({ after: 0.5 })).rejects.toThrow('after must be a setCount');
    await expect(event.wait({ timeoutMs: Number.NaN })).rejects.toThrow('timeoutMs must be');
    await expect(event.wait({ after: 1 } as object)).rejects.toThrow('unknown option "after"');
    await expect(event.set('', { signal: {} as AbortSignal })).rejects.toThrow('signal must be');
    expect(world.asked()).toEqual([]);
  });
});

describe('a wait', () => {
  it('that begins after it was set ends at the first read', async () => {
    const world = eventWorld();
    await world.settle(world.event().set('done'));
    const before = world.asked().length;
    expect(await world.event().wait()).toBe('done');
    expect(world.asked().slice(before)).toEqual(['GET 200']);
  });

  it('tells which set it was by the status, from which the next is waited for', async () => {
    const world = eventWorld();
    const event = world.event();
    const first = event.whenSet();
    await world.settle(world.event().set('one'));
    await world.clock.advance(2_000);
    expect(await first).toMatchObject({ payload: 'one', setCount: 1, isSet: true });
    await world.settle(world.event().set('two'));
    expect(await event.nextSet({ after: 1 })).toMatchObject({ payload: 'two', setCount: 2 });
  });

  it('ends at the first read after it is set, and reads with pauses that grow to two seconds', async () => {
    const world = eventWorld();
    const waiting = world.event().wait();
    await world.clock.advance(60_000);
    const reads = world.asked().length;
    expect(reads).toBeGreaterThan(30);
    expect(reads).toBeLessThan(90);
    await world.settle(world.event().set('at last'));
    await world.clock.advance(2_000);
    expect(await waiting).toBe('at last');
  });

  it('ends though the event was set and cleared between two of its reads', async () => {
    const world = eventWorld();
    const waiting = world.event({ backoff: { minMs: 10_000, maxMs: 10_000 } }).wait();
    await world.clock.advance(1);
    const event = world.event();
    await world.settle(event.set('briefly'));
    await world.settle(event.clear());
    expect(world.clock.passedMs).toBeLessThan(10_000);
    await world.clock.advance(10_000);
    expect(await waiting).toBe('briefly');
  });

  it('does not end for a set that was cleared before it began', async () => {
    const world = eventWorld();
    const event = world.event();
    await world.settle(event.set());
    await world.settle(event.clear());
    const error: unknown = await world.settle(
      event.wait({ timeoutMs: 5_000 }).catch((reason: unknown) => reason),
    );
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ code: 'ERR_WAIT_TIMEOUT', waitedMs: 5_000, lock: event.url });
    expect(String(error)).toMatch(/was not set within 5000 ms, by \d+ requests; wait longer \(timeoutMs\)/);
  });

  it('for the next set goes by its number, so that none goes unnoticed', async () => {
    const world = eventWorld();
    const event = world.event();
    await world.settle(event.set('one'));
    await world.settle(event.set('two'));
    await world.settle(event.clear());
    expect(await event.nextSet({ after: 0 })).toMatchObject({ payload: 'two', setCount: 2, isSet: false });
    expect(await event.nextSet({ after: 1 })).toMatchObject({ payload: 'two', setCount: 2 });
    const next = event.nextSet({ after: 2 });
    const fresh = world.event().nextSet();
    await world.clock.advance(5_000);
    await world.settle(event.set('three'));
    await world.clock.advance(2_000);
    expect(await next).toMatchObject({ payload: 'three', setCount: 3, isSet: true });
    expect(await fresh).toMatchObject({ payload: 'three', setCount: 3 });
  });

  it('for the next set ends with the first set of an event that was removed meanwhile', async () => {
    const world = eventWorld();
    const event = world.event({ backoff: { minMs: 1_000, maxMs: 1_000 } });
    for (let round = 0; round < 3; round += 1) await world.settle(event.set());
    await world.settle(event.clear());
    const known = event.nextSet({ after: 3 });
    await world.clock.advance(1);
    const { generation } = world.emulator.object(world.bucket, NAME) ?? {};
    const url = `http://127.0.0.1:4443/storage/v1/b/${world.bucket}/o/${encodeURIComponent(NAME)}`;
    await world.emulator.handler(new Request(`${url}?ifGenerationMatch=${generation}`, { method: 'DELETE' }));
    await world.settle(event.set('anew'));
    await world.clock.advance(2_000);
    expect(await known).toMatchObject({ payload: 'anew', setCount: 1 });
  });

  it('rejects with the reason of an abort at once, and leaves nothing behind', async () => {
    const world = eventWorld();
    const process = world.process();
    const controller = new AbortController();
    const waiting = world.event({}, process).wait({ signal: controller.signal });
    await world.clock.advance(3_000);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(process.machine.timerCount).toBe(0);
    const before = world.asked().length;
    await world.clock.advance(60_000);
    expect(world.asked()).toHaveLength(before);
    await expect(world.event().wait({ signal: controller.signal })).rejects.toThrow('enough');
    expect(world.asked()).toHaveLength(before);
  });

  it('needs no more patience of the process than the time given', async () => {
    const world = eventWorld();
    const process = world.process();
    await expect(world.settle(world.event({}, process).wait({ timeoutMs: 0 }))).rejects.toThrow();
    expect(process.machine.timerCount).toBe(0);
  });
});
