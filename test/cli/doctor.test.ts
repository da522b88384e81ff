import { describe, expect, it } from 'vitest';
import { settingsFindings } from '../../src/cli/doctor/bucket-settings.ts';
import { figuresOf, quantile } from '../../src/cli/doctor/figures.ts';
import type { Finding, Verdict } from '../../src/cli/doctor/finding.ts';
import { tellReport } from '../../src/cli/doctor/report.ts';
import { scopeFindings } from '../../src/cli/doctor/scope.ts';
import { verdicts } from './verdicts.ts';

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
