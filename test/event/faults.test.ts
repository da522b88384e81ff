import { describe, expect, it } from 'vitest';
import type { GcsEvent } from '../../src/event/event.ts';
import { put } from '../faults/calls.ts';
import { CREATE, eventWorld, type EventWorld, GET, NAME, PATCH } from './tools.ts';

const RESET = { kind: 'reset' } as const;
const LOST = [
  ['before', 'create'],
  ['after', 'create'],
  ['before', 'patch'],
  ['after', 'patch'],
] as const;

/** A `set` that is held up on its way, and whose caller has given up; what lets it go on. */
async function lateSet(world: EventWorld, isFirst: boolean) {
  const held = world.emulator.faults.add({
    when: 'before',
    match: isFirst ? CREATE : PATCH,
    do: { kind: 'hold' },
  });
  const controller = new AbortController();
  const setting = world.event().set('late', { signal: controller.signal });
  await world.clock.advance(0);
  expect(held.struck).toHaveLength(1);
  controller.abort(new Error('enough'));
  await expect(setting).rejects.toThrow('enough');
  return async (): Promise<number | undefined> => {
    held.release();
    await world.clock.advance(0);
    return held.struck[0]?.status;
  };
}

describe('a set or a clear without an answer', () => {
  it.each(LOST)('lost %s the %s was applied is a set of its own, once', async (when, what) => {
    const world = eventWorld();
    if (what === 'patch') await world.settle(world.event().set('first'));
    world.emulator.faults.add({ when, match: what === 'patch' ? PATCH : CREATE, do: RESET });
    const number = what === 'patch' ? 2 : 1;
    expect(await world.settle(world.event().set('mine'))).toBe(number);
    expect(world.stored()).toEqual({ state: 'set', payload: 'mine', sets: String(number) });
  });

  it.each(LOST)('lost %s the %s was applied clears all the same', async (when, what) => {
    const world = eventWorld();
    if (what === 'patch') await world.settle(world.event().set('first'));
    world.emulator.faults.add({ when, match: what === 'patch' ? PATCH : CREATE, do: RESET });
    await world.settle(world.event().clear());
    expect(world.stored()).toMatchObject({ state: 'clear' });
  });

  it.each(['set', 'clear'] as const)(
    'does not undo what others did after it was applied: a %s',
    async (call) => {
      const world = eventWorld();
      const [mine, theirs] = [world.event(), world.event()];
      await world.settle(mine.set('first'));
      world.emulator.faults.add({ when: 'after', match: PATCH, do: { kind: 'stall' } });
      const change = call === 'set' ? mine.set('mine') : mine.clear();
      await world.clock.advance(1_000);
      await world.settle<unknown>(call === 'set' ? theirs.clear() : theirs.set('theirs'));
      await world.settle<unknown>(change);
      expect(await mine.isSet()).toBe(call === 'clear');
    },
  );

  it('says so where nobody can tell any more what became of it, and sets nothing anew', async () => {
    const world = eventWorld();
    const [mine, theirs] = [world.event(), world.event({ mutationIntervalMs: 0 })];
    await world.settle(mine.set('first'));
    world.emulator.faults.add({ when: 'after', match: PATCH, do: { kind: 'stall' } });
    const setting = mine.set('mine');
    await world.clock.advance(0);
    for (let round = 0; round < 17; round += 1) {
      void theirs.clear();
      await world.clock.advance(100);
    }
    await expect(world.settle(setting)).rejects.toThrow('The change may have been made');
    expect(world.stored()).toMatchObject({ state: 'clear', sets: '2' });
  });
});

describe('a late set', () => {
  it.each([
    ['that was cleared anew', (event: GcsEvent) => event.clear(), { state: 'clear' }],
    ['that was set anew', (event: GcsEvent) => event.set('new'), { state: 'set', payload: 'new' }],
  ])('changes no event %s after its caller gave up', async (_what, change, state) => {
    for (const isFirst of [true, false]) {
      const world = eventWorld();
      if (!isFirst) await world.settle(world.event().clear());
      const arrive = await lateSet(world, isFirst);
      await world.settle<unknown>(change(world.event()));
      expect(await arrive()).toBe(412);
      expect(world.stored()).toMatchObject(state);
    }
  });

  it('that a network doubles changes nothing after a clear', async () => {
    const world = eventWorld();
    await world.settle(world.event().clear());
    await world.settle(world.event().set('doubled'));
    const sent = world.emulator.requests.mutations().at(-1);
    if (sent === undefined) throw new Error('nothing was written');
    expect(world.emulator.replay(sent).status).toBe(412);
    await world.settle(world.event().clear());
    expect(world.emulator.replay(sent).status).toBe(412);
    expect(world.stored()).toEqual({ state: 'clear', payload: 'doubled', sets: '1' });
  });

  it('that is carried out twice on its way counts once', async () => {
    const world = eventWorld();
    for (const when of ['before', 'after'] as const) {
      world.emulator.faults.add({ when, match: { method: ['POST', 'PATCH'] }, do: { kind: 'duplicate' } });
      await world.settle(world.event().set());
    }
    expect(world.stored()).toMatchObject({ state: 'set', sets: '2' });
  });
});

describe('an event that is something else', () => {
  it.each([
    ['a lock', { schema: 'gcs-mutex/1' }, 'ERR_FOREIGN_OBJECT', 'is not an event of gcs-mutex'],
    ['any file', {}, 'ERR_FOREIGN_OBJECT', 'no custom metadata'],
    ['of a later version', { schema: 'gcs-mutex-event/2' }, 'ERR_NEWER_VERSION', 'gcs-mutex-event/2'],
  ])('%s is never touched', async (_what, metadata, code, words) => {
    const world = eventWorld();
    await put(world, { metadata }, NAME);
    const before = world.emulator.object(world.bucket, NAME);
    for (const call of everyCall(world.event())) {
      const error: unknown = await world.settle(call()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code, lock: `gs://${world.bucket}/${NAME}` });
      expect(String(error)).toContain(words);
    }
    expect(world.emulator.object(world.bucket, NAME)).toEqual(before);
  });

  it.each([
    ['state', 'up', 'its state is neither set nor clear'],
    ['payload', '%zz', 'its payload does not parse'],
    ['payload', '%61', 'its payload does not parse'],
    ['sets', '-1', 'its count does not parse'],
    ['sets', '', 'its count does not parse'],
  ])('is told by what does not parse: %s %j', async (key, value, words) => {
    const world = eventWorld();
    const own = { schema: 'gcs-mutex-event/1', writes: 'a'.repeat(32), state: 'set', payload: '', sets: '1' };
    await put(world, { metadata: { ...own, [key]: value } }, NAME);
    await expect(world.event().status()).rejects.toThrow(words);
  });

  it('is foreign to a lock of the same name', async () => {
    const world = eventWorld();
    await world.settle(world.event().set());
    await expect(world.process().mutex(NAME).acquire()).rejects.toMatchObject({ code: 'ERR_FOREIGN_OBJECT' });
    expect(await world.event().isSet()).toBe(true);
  });
});

describe('a store that refuses', () => {
  it('says which permission is missing', async () => {
    const world = eventWorld();
    await world.settle(world.event().set());
    const status = { kind: 'status', status: 403 } as const;
    world.emulator.faults.add({ when: 'before', do: status, times: Infinity });
    for (const call of everyCall(world.event()))
      await expect(world.settle(call())).rejects.toMatchObject({ code: 'ERR_PERMISSION_DENIED' });
  });

  it('says 403 of an event that is not there to whoever may not list: a wait makes it, and goes on', async () => {
    const world = eventWorld();
    const isThere = (): boolean => world.stored() !== undefined;
    const match = { ...GET, where: () => !isThere() };
    world.emulator.faults.add({
      when: 'before',
      match,
      do: { kind: 'status', status: 403 },
      times: Infinity,
    });
    const waiting = world.event().wait();
    await world.clock.advance(1_000);
    expect(world.stored()).toEqual({ state: 'clear', payload: '', sets: '0' });
    await world.settle(world.event().set('now'));
    await world.clock.advance(2_000);
    expect(await waiting).toBe('now');
  });

  it('and forbids to read an event that is there ends a wait, and is not overwritten', async () => {
    const world = eventWorld();
    await world.settle(world.event().set('kept'));
    world.emulator.faults.add({
      when: 'before',
      match: GET,
      do: { kind: 'status', status: 403 },
      times: Infinity,
    });
    await expect(world.settle(world.event().wait())).rejects.toMatchObject({ code: 'ERR_PERMISSION_DENIED' });
    expect(world.stored()).toMatchObject({ state: 'set', payload: 'kept' });
  });

  it('names a bucket that is not there', async () => {
    const world = eventWorld({ buckets: [] });
    for (const call of everyCall(world.event()).slice(0, 3))
      await expect(world.settle(call())).rejects.toMatchObject({ code: 'ERR_BUCKET_NOT_FOUND' });
  });
});

describe('a wait while the store does not answer', () => {
  it.each([
    ['an outage', { kind: 'status', status: 503 }],
    ['silence', { kind: 'stall' }],
    ['broken connections', RESET],
  ] as const)('outlasts %s', async (_what, action) => {
    const world = eventWorld();
    const outage = world.emulator.faults.add({ when: 'before', match: GET, do: action, times: Infinity });
    const waiting = world.event().wait();
    await world.clock.advance(60_000);
    outage.remove();
    await world.settle(world.event().set('after all'));
    await world.clock.advance(12_000);
    expect(await waiting).toBe('after all');
  });

  it('tells in the end whether the event was not set or nothing was known', async () => {
    const world = eventWorld();
    const waiting = world
      .event()
      .wait({ timeoutMs: 20_000 })
      .catch((reason: unknown) => reason);
    await world.clock.advance(5_000);
    world.emulator.faults.add({
      when: 'before',
      match: GET,
      do: { kind: 'status', status: 503 },
      times: Infinity,
    });
    expect(await world.settle(waiting)).toMatchObject({
      code: 'ERR_WAIT_TIMEOUT',
      cause: { code: 'ERR_STORE_UNAVAILABLE' },
    });
    await expect(world.settle(world.event().wait({ timeoutMs: 20_000 }))).rejects.toMatchObject({
      code: 'ERR_WAIT_TIMEOUT',
      message: expect.stringContaining('was not seen to be set within 20000 ms'),
      cause: { code: 'ERR_STORE_UNAVAILABLE', status: 503 },
    });
  });

  it('is out of time also where a store that may not say whether there is an object falls silent', async () => {
    const world = eventWorld();
    const { faults } = world.emulator;
    faults.add({ when: 'before', match: GET, do: { kind: 'status', status: 403 } });
    faults.add({ when: 'before', match: GET, do: { kind: 'stall' }, times: Infinity });
    await expect(world.settle(world.event().wait({ timeoutMs: 5_000 }))).rejects.toMatchObject({
      code: 'ERR_WAIT_TIMEOUT',
      waitedMs: 5_000,
      cause: { code: 'ERR_STORE_UNAVAILABLE' },
    });
  });
});

function everyCall(event: GcsEvent): readonly (() => Promise<unknown>)[] {
  return [
    () => event.set('mine'),
    () => event.clear(),
    () => event.wait(),
    () => event.isSet(),
    () => event.status(),
    () => event.nextSet(),
  ];
}
