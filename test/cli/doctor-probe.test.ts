import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { BucketSettings, EmulatorOptions } from '../../emulator/index.ts';
import type { Verdict } from '../../src/cli/doctor/finding.ts';
import { Probe } from '../../src/cli/doctor/probe.ts';
import { createStore } from '../../src/gcs/json-api.ts';
import type { Transport } from '../../src/gcs/transport.ts';
import { createMemoryBucket } from '../../src/testing/index.ts';
import { verdicts } from './verdicts.ts';

/** A probe of a bucket in memory, and what the bucket holds afterwards. */
async function probe(
  settings: BucketSettings = {},
  options: EmulatorOptions = {},
  through: (transport: Transport) => Transport = (transport) => transport,
) {
  // A clock that goes on with every look at it: a refresh must show.
  let now = Date.UTC(2030, 0, 1);
  const { emulator, process } = createMemoryBucket({ clock: () => (now += 7), ...options });
  emulator.addBucket('probed', settings);
  const target = { endpoint: { origin: 'http://127.0.0.1:4443' }, bucket: 'probed', name: 'locks/probe' };
  const store = createStore(target, through(process().components.transport));
  const signal = new AbortController().signal;
  const found = new Probe({ store, signal, requestTimeoutMs: 5_000, writePauseMs: 0 });
  const isReachable = await found.run();
  return { found, isReachable, left: emulator.objects('probed'), emulator };
}

/** A probe by somebody who may do certain things only. */
function probeWith(permissions: readonly string[]) {
  const tokens = new Map([['some-token', { permissions }]]);
  const withToken =
    (transport: Transport): Transport =>
    (request, signal) =>
      transport({ ...request, headers: { ...request.headers, authorization: 'Bearer some-token' } }, signal);
  return probe({}, { tokens }, withToken);
}

describe('a probe', () => {
  it('does all that a lock does on an object of its own, and leaves nothing behind', async () => {
    const { found, isReachable, left } = await probe();
    expect(isReachable).toBe(true);
    expect(verdicts(found.findings)).toEqual({
      reachable: 'fine',
      create: 'fine',
      'refresh (patch)': 'fine',
      'refreshes show': 'fine',
      "the store's clocks": 'fine',
      'takeover (overwrite)': 'fine',
      'release (delete)': 'fine',
      preconditions: 'fine',
    });
    expect(found.times.reads).toHaveLength(20);
    expect(found.times.writes.length).toBeGreaterThanOrEqual(4);
    expect(left).toEqual([]);
  });

  it.each([
    ['a retention policy', { retentionPeriodS: 86_400 }],
    ['a default event-based hold', { defaultEventBasedHold: true }],
  ])('finds a bucket unfit for %s by what it refuses', async (_what, settings) => {
    const { found } = await probe(settings);
    expect(verdicts(found.findings)).toMatchObject({
      create: 'fine',
      'takeover (overwrite)': 'unfit',
      'release (delete)': 'unfit',
    });
  });

  it('names the store that ignores guards, and what it let through', async () => {
    const unguarded =
      (transport: Transport): Transport =>
      (request, signal) =>
        transport(
          {
            ...request,
            url: /ifGenerationMatch=0/.test(request.url)
              ? request.url
              : request.url.replaceAll(/if(Meta)?[gG]enerationMatch=\d+&?/g, ''),
          },
          signal,
        );
    const { found, left } = await probe({}, {}, unguarded);
    const finding = found.findings.find(({ check }) => check === 'preconditions');
    expect(finding).toMatchObject({
      verdict: 'unfit',
      says: expect.stringMatching(
        /a patch of another generation.*a delete of another generation.*fake-gcs-server/,
      ),
    });
    expect(left).toEqual([]);
  });

  it('looks again where an answer does not tell what became of a write', async () => {
    const mute =
      (transport: Transport): Transport =>
      async (request, signal) => {
        const answer = await transport(request, signal);
        return request.method === 'PATCH' && answer.status === 200 ? { ...answer, body: '{}' } : answer;
      };
    const { found } = await probe({}, {}, mute);
    expect(verdicts(found.findings)).toMatchObject({ 'refresh (patch)': 'fine', preconditions: 'fine' });
  });

  it.each<[string, number, Verdict]>([
    ['agree, however long an answer takes', 3_000, 'fine'],
    ['are apart where the answer came at once', 0, 'warning'],
  ])("says that the store's clocks %s", async (_what, passMs, verdict) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    let now = Date.UTC(2030, 0, 1);
    const late =
      (transport: Transport): Transport =>
      (request, signal) => {
        now += 3_000;
        vi.advanceTimersByTime(passMs);
        return transport(request, signal);
      };
    const { found } = await probe({}, { clock: () => (now += 7) }, late);
    expect(verdicts(found.findings)["the store's clocks"]).toBe(verdict);
  });

  it('says that refreshes do not show where updated stays as it was', async () => {
    const still =
      (transport: Transport): Transport =>
      async (request, signal) => {
        const answer = await transport(request, signal);
        const { timeCreated } =
          answer.status === 200 && request.method === 'GET' ? JSON.parse(answer.body) : {};
        return timeCreated === undefined
          ? answer
          : { ...answer, body: answer.body.replace(/"updated":\s*"[^"]*"/, `"updated":"${timeCreated}"`) };
      };
    const { found } = await probe({}, {}, still);
    const finding = found.findings.find(({ check }) => check === 'refreshes show');
    expect(finding).toMatchObject({ verdict: 'warning', remedy: expect.stringContaining('observation') });
  });

  it.each([
    ['storage.objects.create', { create: 'unfit' }],
    ['storage.objects.update', { create: 'fine', 'refresh (patch)': 'unfit' }],
    [
      'storage.objects.delete',
      { 'refresh (patch)': 'fine', 'takeover (overwrite)': 'unfit', 'release (delete)': 'unfit' },
    ],
  ])('names the permission that is missing: %s', async (missing, expected) => {
    const all = [
      'storage.objects.create',
      'storage.objects.get',
      'storage.objects.list',
      'storage.objects.update',
      'storage.objects.delete',
    ];
    const { found, left } = await probeWith(all.filter((permission) => permission !== missing));
    expect(verdicts(found.findings)).toMatchObject(expected);
    expect(found.findings.some(({ remedy }) => remedy?.includes(missing))).toBe(true);
    expect(left).toHaveLength(found.mayBeLeft ? 1 : 0);
  });

  it('leaves nothing behind, as far as it says, where it may neither make an object nor look for it', async () => {
    const { found, left } = await probeWith([]);
    expect(verdicts(found.findings)).toMatchObject({ create: 'unfit' });
    expect({ mayBeLeft: found.mayBeLeft, left }).toEqual({ mayBeLeft: false, left: [] });
  });

  it('ends where the bucket is not there', async () => {
    const { process } = createMemoryBucket();
    const target = { endpoint: { origin: 'http://127.0.0.1:4443' }, bucket: 'nowhere', name: 'x' };
    const store = createStore(target, process().components.transport);
    const found = new Probe({
      store,
      signal: new AbortController().signal,
      requestTimeoutMs: 5_000,
      writePauseMs: 0,
    });
    expect(await found.run()).toBe(false);
    expect(found.findings).toMatchObject([
      { check: 'reachable', verdict: 'unfit', remedy: 'create the bucket, or check its name' },
    ]);
  });
});
