import { describe, expect, it } from 'vitest';
import type { BucketSettings, EmulatorOptions } from '../../emulator/index.ts';
import { settingsFindings } from '../../src/cli/doctor/bucket-settings.ts';
import { figuresOf, quantile } from '../../src/cli/doctor/figures.ts';
import type { Finding, Verdict } from '../../src/cli/doctor/finding.ts';
import { Probe } from '../../src/cli/doctor/probe.ts';
import { tellReport } from '../../src/cli/doctor/report.ts';
import { scopeFindings } from '../../src/cli/doctor/scope.ts';
import { createStore } from '../../src/gcs/json-api.ts';
import type { Transport } from '../../src/gcs/transport.ts';
import { createMemoryBucket } from '../../src/testing/index.ts';

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

const verdicts = (findings: readonly Finding[]): Record<string, Verdict> =>
  Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]));

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
    const tokens = new Map([
      ['some-token', { permissions: all.filter((permission) => permission !== missing) }],
    ]);
    const withToken =
      (transport: Transport): Transport =>
      (request, signal) =>
        transport(
          { ...request, headers: { ...request.headers, authorization: 'Bearer some-token' } },
          signal,
        );
    const { found } = await probe({}, { tokens }, withToken);
    expect(verdicts(found.findings)).toMatchObject(expected);
    expect(found.findings.some(({ remedy }) => remedy?.includes(missing))).toBe(true);
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

describe('the OAuth scope', () => {
  const of = (verdictsOf: Readonly<Record<string, Verdict>>, sendsCredentials = true): readonly Finding[] =>
    scopeFindings(
      sendsCredentials,
      Object.entries(verdictsOf).map(([check, verdict]) => ({ check, verdict, says: '' })),
    );

  it('is told by what worked', () => {
    const both = { create: 'fine', 'refresh (patch)': 'fine' } as const;
    expect(of(both)).toMatchObject([{ verdict: 'fine', says: expect.stringContaining('wide enough') }]);
    expect(of({}, false)).toMatchObject([
      { verdict: 'fine', says: expect.stringContaining('none is needed') },
    ]);
    expect(of({ create: 'fine', 'refresh (patch)': 'unfit' })).toMatchObject([
      { verdict: 'unknown', remedy: expect.stringContaining('cloud-platform') },
    ]);
    expect(of({ reachable: 'unfit' })).toEqual([]);
  });
});

describe("a bucket's settings", () => {
  const of = (bucket: object, prefix = 'locks/', hasPayer = false): Record<string, Verdict> =>
    verdicts(settingsFindings({ location: 'EU', storageClass: 'STANDARD', ...bucket }, prefix, hasPayer));

  it('are fine as Google makes them', () => {
    const asMade = {
      softDeletePolicy: { retentionDurationSeconds: '604800' },
      iamConfiguration: { publicAccessPrevention: 'inherited' },
    };
    expect(new Set(Object.values(of(asMade)))).toEqual(new Set(['fine']));
  });

  it.each<[string, object, string, Verdict]>([
    ['a retention policy', { retentionPolicy: { retentionPeriod: '86400' } }, 'retention policy', 'unfit'],
    ['a default event-based hold', { defaultEventBasedHold: true }, 'default event-based hold', 'unfit'],
    ['versioning', { versioning: { enabled: true } }, 'versioning', 'warning'],
    ['requester pays', { billing: { requesterPays: true } }, 'requester pays', 'unfit'],
  ])('are found: %s', (_what, bucket, check, verdict) => {
    expect(of(bucket)[check]).toBe(verdict);
  });

  it('take a requester who pays', () => {
    expect(of({ billing: { requesterPays: true } }, 'locks/', true)['requester pays']).toBe('fine');
  });

  it.each<[string, object, Verdict]>([
    ['deletes by age', { action: { type: 'Delete' }, condition: { age: 30 } }, 'warning'],
    ['deletes everything at once', { action: { type: 'Delete' }, condition: { age: 0 } }, 'unfit'],
    [
      'deletes below the prefix',
      { action: { type: 'Delete' }, condition: { age: 1, matchesPrefix: ['tmp/', 'locks/nightly'] } },
      'warning',
    ],
    [
      'deletes above the prefix',
      { action: { type: 'Delete' }, condition: { age: 1, matchesPrefix: ['lo'] } },
      'warning',
    ],
    [
      'deletes elsewhere',
      { action: { type: 'Delete' }, condition: { age: 1, matchesPrefix: ['tmp/'] } },
      'fine',
    ],
    [
      'deletes noncurrent versions',
      { action: { type: 'Delete' }, condition: { daysSinceNoncurrentTime: 1 } },
      'fine',
    ],
    [
      'deletes what is not live',
      { action: { type: 'Delete' }, condition: { age: 1, isLive: false } },
      'fine',
    ],
    [
      'deletes other classes',
      { action: { type: 'Delete' }, condition: { age: 1, matchesStorageClass: ['NEARLINE'] } },
      'fine',
    ],
    [
      'deletes by a custom time',
      { action: { type: 'Delete' }, condition: { daysSinceCustomTime: 1 } },
      'fine',
    ],
    [
      'moves to a colder class',
      { action: { type: 'SetStorageClass', storageClass: 'NEARLINE' }, condition: { age: 1 } },
      'warning',
    ],
    ['ends uploads', { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 1 } }, 'fine'],
  ])('tell a lifecycle rule that %s', (_what, rule, verdict) => {
    expect(of({ lifecycle: { rule: [rule] } })['lifecycle']).toBe(verdict);
  });

  it.each([[undefined], ['text'], [{ lifecycle: { rule: 'none' }, location: 7 }]])(
    'may be nonsense: %j',
    (bucket) => {
      expect(settingsFindings(bucket, '', false).length).toBeGreaterThan(5);
    },
  );
});

describe('figures', () => {
  it('suggest the defaults where the store is quick, and a longer ttl where writes are slow', () => {
    const quick = figuresOf({ reads: [10, 20, 30], writes: [40, 50] });
    expect(quick).toMatchObject({
      suggestedTtlMs: 60_000,
      suggestedBackoff: { minMs: 100, maxMs: 2_000 },
      readMs: { p50: 20, p90: 30 },
    });
    expect(figuresOf({ reads: [500], writes: [4_000] }).suggestedTtlMs).toBe(145_000);
  });

  it('say what a lock costs: three refreshes a ttl at class A, and reads at class B', () => {
    const { dollarsPerHeldHour, dollarsPerWaitingHour } = figuresOf({ reads: [50], writes: [50] });
    expect(dollarsPerHeldHour).toBeCloseTo((180 + 1) * 0.000_005, 9);
    expect(dollarsPerWaitingHour).toBeCloseTo((3_600_000 / 1_100) * 0.000_000_4, 9);
  });

  it('take quantiles of small samples', () => {
    expect([
      quantile([3, 1, 2], 0.5),
      quantile([1], 0.9),
      quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9),
    ]).toEqual([2, 1, 9]);
  });
});

describe('a report', () => {
  const findings: readonly Finding[] = [
    { check: 'create', verdict: 'fine', says: 'works' },
    {
      check: 'lifecycle',
      verdict: 'unfit',
      says: 'a rule deletes every object at once, locks that are held included, whatever they are',
      remedy: 'limit the rule by matchesPrefix to what it is meant for',
    },
  ];

  it.each([80, 120])('fits a terminal of %d columns', (columns) => {
    const text = tellReport(findings, figuresOf({ reads: [1], writes: [1] }), {
      isTTY: true,
      columns,
    }).replaceAll(/\p{Cc}\[\d+m/gu, '');
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(columns);
    expect(text).toMatch(/^UNFIT +lifecycle +a rule/m);
    expect(text).toMatch(/^ +-> limit the rule/m);
    expect(text).toMatch(/^ +cost +\$/m);
  });

  it('has neither colours nor folds where there is no terminal', () => {
    expect(tellReport(findings, undefined, {})).toContain('whatever they are\n');
    expect(tellReport(findings, undefined, {})).not.toContain('\u001b');
  });
});
