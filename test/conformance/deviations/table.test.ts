import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CLAIMS } from '../claims/all.ts';
import { NAMES_IN_OWN_BUCKET } from '../claims/names.ts';
import { DEVIATIONS } from './table.ts';

const claims = [...Object.values(CLAIMS).flat(), ...NAMES_IN_OWN_BUCKET];

/** Every part of every row that says what a claim shows instead: server, claim, part, value. */
const exceptions = Object.entries(DEVIATIONS).flatMap(([server, rows]) =>
  rows.flatMap(({ shows = {} }) =>
    Object.entries(shows).flatMap(([says, seen]) =>
      Object.entries(seen).map(([part, value]) => ({ server, says, part, value })),
    ),
  ),
);

describe('the table of deviations', () => {
  it('is about claims of the suite that are there, each of another name', () => {
    const known = claims.map(({ says }) => says);
    expect(known).toHaveLength(new Set(known).size);
    expect(exceptions.filter(({ says }) => !known.includes(says))).toEqual([]);
  });

  it('tells nothing as a deviation that is as on the service', () => {
    const idle = exceptions.filter(({ says, part, value }) => {
      const google = claims.find((claim) => claim.says === says)?.google ?? {};
      return !(part in google) || isDeepStrictEqual(google[part], value);
    });
    expect(idle).toEqual([]);
  });

  it('tells each thing once', () => {
    const told = exceptions.map(({ server, says, part }) => [server, says, part].join(' / '));
    expect(told.filter((one, index) => told.indexOf(one) !== index)).toEqual([]);
  });

  it('has no row that nothing asserts', () => {
    const rows = Object.values(DEVIATIONS).flat();
    expect(
      rows.filter(({ shows, differential }) => shows === undefined && differential === undefined),
    ).toEqual([]);
  });
});
