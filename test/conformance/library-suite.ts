import { randomBytes, randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { type StoreTarget, createStore } from '../../src/gcs/json-api.ts';
import type { Store } from '../../src/gcs/store.ts';
import type { ReadOutcome, SeenObject, WriteOutcome } from '../../src/protocol/outcome.ts';
import type { LockRecord } from '../../src/protocol/record.ts';
import type { Version } from '../../src/protocol/version.ts';
import { record, unhurried, writing } from '../gcs/tools.ts';
import type { ServerKind } from '../servers/servers.ts';
import { isKnownTo } from './deviations/table.ts';
import type { Target } from './target.ts';

/** A record with a lease id of its own. */
function fresh(changes: Partial<LockRecord> = {}): LockRecord {
  return record({ leaseId: randomBytes(16).toString('hex'), ...changes });
}

/** A test where a server's deviations leave something to test; elsewhere there is none, so that none is skipped. */
function onlyIf(applies: boolean): typeof test | ((name: string, body: () => Promise<void>) => void) {
  return applies ? test : () => undefined;
}

/** What the library's five calls promise, on any store. */
export function librarySuite(server: ServerKind | undefined, getTarget: () => Target): void {
  const isStrict = !isKnownTo(server, 'ignores guards');
  const open = async (changes: Partial<StoreTarget> = {}): Promise<Store> => {
    const { origin, transport, open: openPlace } = getTarget();
    const { bucket, prefix, close } = await openPlace();
    onTestFinished(async () => close?.());
    const name = `${prefix}locks/Ω nightly?#%`;
    return createStore({ endpoint: { origin }, bucket, name, ...changes }, transport);
  };

  test('an object is created once, and shows its record', async () => {
    const store = await open();
    const ours = fresh({ holder: 'host "a" \\ b', metadata: { build: '12' } });
    expect(await store.get(unhurried())).toEqual({ kind: 'absent' });
    const version = versionOf(await store.create(ours, writing()));
    expect(await store.create(fresh(), writing())).toEqual({ kind: 'refused' });
    const seen = objectOf(await store.get(unhurried()));
    expect(seen).toMatchObject({
      version,
      content: { kind: 'record', record: ours },
      contentType: 'text/plain; charset=utf-8',
    });
    expect(seen.size).toBeGreaterThan(0);
    expect(seen.updatedAt).toBeGreaterThanOrEqual(seen.createdAt);
    expect(Math.abs((seen.serverTime ?? 0) - seen.updatedAt)).toBeLessThan(60_000);
  });

  onlyIf(isStrict)('a patch changes the record of one version only', async () => {
    const store = await open();
    const ours = fresh();
    const created = versionOf(await store.create(ours, writing()));
    const refreshed = { ...ours, refreshCount: 1 };
    const patched = versionOf(await store.patch(created, refreshed, writing()));
    expect(patched.generation).toBe(created.generation);
    expect(patched.metageneration).not.toBe(created.metageneration);
    const seen = objectOf(await store.get(unhurried()));
    expect(seen).toMatchObject({ version: patched, content: { record: refreshed } });
    const late = { ...ours, refreshCount: 2 };
    expect(await store.patch(created, late, writing())).toEqual({ kind: 'refused' });
    const { metageneration } = patched;
    expect(await store.patch({ generation: '12345', metageneration }, late, writing())).toEqual({
      kind: 'refused',
    });
    expect(objectOf(await store.get(unhurried())).content).toEqual(seen.content);
  });

  onlyIf(!isStrict)('a patch that shows no version is unknown, and a read shows it', async () => {
    const store = await open();
    const ours = fresh();
    const created = versionOf(await store.create(ours, writing()));
    const refreshed = { ...ours, refreshCount: 1 };
    expect((await store.patch(created, refreshed, writing())).kind).toBe('unknown');
    expect(objectOf(await store.get(unhurried()))).toMatchObject({ content: { record: refreshed } });
  });

  test('an overwrite replaces the generation that was seen by a new one', async () => {
    const store = await open();
    const created = versionOf(await store.create(fresh(), writing()));
    const ours = fresh();
    const replaced = versionOf(await store.overwrite(created, ours, writing()));
    expect(replaced.generation).not.toBe(created.generation);
    expect(replaced.metageneration).toBe('1');
    expect(await store.overwrite(created, fresh(), writing())).toEqual({ kind: 'refused' });
    expect(objectOf(await store.get(unhurried()))).toMatchObject({
      version: replaced,
      content: { record: ours },
    });
  });

  onlyIf(isStrict)('an overwrite is refused when only the metageneration has moved on', async () => {
    const store = await open();
    const ours = fresh();
    const created = versionOf(await store.create(ours, writing()));
    const refreshed = { ...ours, refreshCount: 1 };
    await store.patch(created, refreshed, writing());
    expect(await store.overwrite(created, fresh(), writing())).toEqual({ kind: 'refused' });
    expect(objectOf(await store.get(unhurried()))).toMatchObject({ content: { record: refreshed } });
  });

  test('a delete removes the object', async () => {
    const store = await open();
    const { generation } = versionOf(await store.create(fresh(), writing()));
    expect(await store.delete({ generation }, writing())).toEqual({ kind: 'applied' });
    expect(await store.get(unhurried())).toEqual({ kind: 'absent' });
    expect(await store.delete({ generation }, writing())).toEqual({ kind: 'refused' });
    expect((await store.create(fresh(), writing())).kind).toBe('applied');
  });

  onlyIf(isStrict)('a delete is guarded by what it is given', async () => {
    const store = await open();
    const ours = fresh();
    const created = versionOf(await store.create(ours, writing()));
    await store.patch(created, { ...ours, refreshCount: 1 }, writing());
    expect(await store.delete({ generation: '12345' }, writing())).toEqual({ kind: 'refused' });
    expect(await store.delete(created, writing())).toEqual({ kind: 'refused' });
    expect(await store.delete({ generation: created.generation }, writing())).toEqual({ kind: 'applied' });
  });

  test('what writes on a version that is gone is refused', async () => {
    const store = await open();
    const created = versionOf(await store.create(fresh(), writing()));
    await store.delete({ generation: created.generation }, writing());
    expect(await store.patch(created, fresh(), writing())).toEqual({ kind: 'refused' });
    expect(await store.overwrite(created, fresh(), writing())).toEqual({ kind: 'refused' });
    expect(await store.get(unhurried())).toEqual({ kind: 'absent' });
  });

  onlyIf(!isKnownTo(server, 'makes buckets'))(
    'a create in a bucket that is missing fails for that reason',
    async () => {
      const store = await open({ bucket: `gcs-mutex-missing-${randomUUID()}` });
      const missing = { kind: 'failed', failure: { kind: 'bucket-not-found', status: 404 } };
      expect(await store.create(fresh(), writing())).toMatchObject(missing);
    },
  );
}

function versionOf(outcome: WriteOutcome): Version {
  if (outcome.kind !== 'applied') throw new Error(`not applied: ${JSON.stringify(outcome)}`);
  return outcome.version;
}

function objectOf(outcome: ReadOutcome): SeenObject {
  if (outcome.kind !== 'found') throw new Error(`not found: ${JSON.stringify(outcome)}`);
  return outcome.object;
}
