import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, isGuarded } from '../../emulator/preconditions.ts';
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
const version = fc.record({
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
      fc.property(preconditions, fc.option(version, { nil: undefined }), (given, against) => {
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
      fc.property(number, fc.option(version, { nil: undefined }), (value, against) => {
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
      fc.property(version, (against) => {
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
