import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, isGuarded } from '../../emulator/preconditions.ts';
import { resource, setUp } from './client.ts';
import type { LiveVersion, Preconditions } from '../../emulator/preconditions.ts';

const live: LiveVersion = { generation: 7n, metageneration: 3n };

// Small numbers, so that they often meet.
const number = fc.bigInt({ min: -1n, max: 4n });
const preconditions: fc.Arbitrary<Preconditions> = fc.record(
  {
    ifGenerationMatch: number,
    ifGenerationNotMatch: number,
    ifMetagenerationMatch: number,
    ifMetagenerationNotMatch: number,
  },
  { requiredKeys: [] },
);
const anyVersion = fc.record({
  generation: fc.bigInt({ min: 1n, max: 4n }),
  metageneration: fc.bigInt({ min: 1n, max: 4n }),
});

describe('preconditions', () => {
  it.each<[Preconditions, LiveVersion | undefined, string]>([
    [{}, live, 'holds'],
    [{}, undefined, 'holds'],
    [{ ifGenerationMatch: 7n }, live, 'holds'],
    [{ ifGenerationMatch: 8n }, live, 'unmet'],
    [{ ifGenerationMatch: 7n }, undefined, 'unmet'],
    [{ ifGenerationMatch: 0n }, undefined, 'holds'],
    [{ ifGenerationMatch: 0n }, live, 'unmet'],
    [{ ifGenerationNotMatch: 7n }, live, 'notModified'],
    [{ ifGenerationNotMatch: 8n }, live, 'holds'],
    [{ ifGenerationNotMatch: 0n }, live, 'holds'],
    [{ ifGenerationNotMatch: 0n }, undefined, 'notModified'],
    [{ ifGenerationNotMatch: 8n }, undefined, 'notModified'],
    [{ ifMetagenerationMatch: 3n }, live, 'holds'],
    [{ ifMetagenerationMatch: 4n }, live, 'unmet'],
    [{ ifMetagenerationMatch: 3n }, undefined, 'unmet'],
    [{ ifMetagenerationMatch: 0n }, undefined, 'holds'],
    [{ ifMetagenerationMatch: 0n }, live, 'unmet'],
    [{ ifMetagenerationNotMatch: 3n }, live, 'notModified'],
    [{ ifMetagenerationNotMatch: 4n }, live, 'holds'],
    [{ ifMetagenerationNotMatch: 0n }, live, 'holds'],
    [{ ifMetagenerationNotMatch: 0n }, undefined, 'notModified'],
    [{ ifGenerationMatch: 7n, ifMetagenerationMatch: 4n }, live, 'unmet'],
    [{ ifGenerationMatch: 8n, ifMetagenerationMatch: 3n }, live, 'unmet'],
    [{ ifGenerationMatch: 7n, ifMetagenerationMatch: 3n }, live, 'holds'],
    [{ ifGenerationMatch: 8n, ifGenerationNotMatch: 7n }, live, 'unmet'],
  ])('%o against %o: %s', (given, against, verdict) => {
    expect(evaluate(given, against)).toBe(verdict);
  });

  it('hold together exactly when each holds alone, and a failed match outranks a failed not-match', () => {
    fc.assert(
      fc.property(preconditions, fc.option(anyVersion, { nil: undefined }), (given, against) => {
        const alone = new Set(
          Object.entries(given).map(([name, value]) => evaluate({ [name]: value }, against)),
        );
        const expected = alone.has('unmet') ? 'unmet' : alone.has('notModified') ? 'notModified' : 'holds';
        expect(evaluate(given, against)).toBe(expected);
      }),
    );
  });

  it('never hold a match and its not-match of one number at once', () => {
    fc.assert(
      fc.property(number, fc.option(anyVersion, { nil: undefined }), (value, against) => {
        expect(evaluate({ ifGenerationMatch: value, ifGenerationNotMatch: value }, against)).not.toBe(
          'holds',
        );
        expect(evaluate({ ifMetagenerationMatch: value, ifMetagenerationNotMatch: value }, against)).not.toBe(
          'holds',
        );
      }),
    );
  });

  it('let exactly one generation through when they guard by generation', () => {
    fc.assert(
      fc.property(anyVersion, (against) => {
        const passing = [0n, 1n, 2n, 3n, 4n].filter(
          (n) => evaluate({ ifGenerationMatch: n }, against) === 'holds',
        );
        expect(passing).toEqual([against.generation]);
      }),
    );
  });

  it('count as a guard only when one is there', () => {
    expect(isGuarded({})).toBe(false);
    expect(isGuarded({ ifGenerationMatch: undefined })).toBe(false);
    expect(isGuarded({ ifMetagenerationNotMatch: 0n })).toBe(true);
  });
});

describe('an object, over any life it leads', () => {
  // A guard is chosen by what it is relative to the object as it is then: right, wrong, zero or absent.
  const guard = fc.constantFrom('none', 'right', 'wrong', 'zero');
  const step = fc.record({
    call: fc.constantFrom('insert', 'get', 'patch', 'delete'),
    generation: guard,
    metageneration: guard,
    seconds: fc.nat(3),
  });

  it('answers every guarded call as its version says, and changes only on success', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        let now = Date.parse('2026-01-01T00:00:00Z');
        const { emulator, client } = setUp({ clock: () => now });
        let version: { generation: string; metageneration: number } | undefined;
        for (const { call, generation, metageneration, seconds } of steps) {
          now += seconds * 1000;
          const values = { none: undefined, zero: '0', wrong: '77' };
          const g = generation === 'right' ? (version?.generation ?? '0') : values[generation];
          const m =
            metageneration === 'right' ? String(version?.metageneration ?? 0) : values[metageneration];
          const query = `${g === undefined ? '' : `&ifGenerationMatch=${g}`}${m === undefined ? '' : `&ifMetagenerationMatch=${m}`}`;
          const isMet =
            [undefined, version?.generation ?? '0'].includes(g) &&
            [undefined, String(version?.metageneration ?? 0)].includes(m);
          const isMissing = call !== 'insert' && version === undefined;
          const before = emulator.object('b', 'x');
          const answer = await {
            insert: () => client.insert('x', { query }),
            get: () => client.get('x', `?${query.slice(1)}`),
            patch: () => client.patch('x', {}, `?${query.slice(1)}`),
            delete: () => client.delete('x', `?${query.slice(1)}`),
          }[call]();
          expect(answer.status).toBe(isMissing ? 404 : !isMet ? 412 : call === 'delete' ? 204 : 200);
          if (!answer.ok || call === 'get') expect(emulator.object('b', 'x')).toBe(before);
          else if (call === 'delete') version = undefined;
          else {
            const json = await resource(answer);
            const next = call === 'insert' ? 1 : (version?.metageneration ?? 0) + 1;
            expect(json).toMatchObject({
              metageneration: String(next),
              updated: new Date(now).toISOString(),
            });
            expect(json.generation === version?.generation).toBe(call === 'patch');
            version = { generation: json.generation, metageneration: next };
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});
