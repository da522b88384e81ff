import { inspect, isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../../emulator/index.ts';
import { describeOn } from '../../servers/describe-on.ts';
import { freshBucket } from '../../servers/servers.ts';
import { type Call, sequences } from './calls.ts';
import type { Difference } from '../deviations/row.ts';
import { DEVIATIONS } from '../deviations/table.ts';
import type { Played } from './played.ts';
import { type Answer, ServerSide } from './server-side.ts';

/** How many sequences are played, and from which seed on: `DIFFERENTIAL_RUNS` and `DIFFERENTIAL_SEED` ask for others. */
const RUNS = Number(process.env['DIFFERENTIAL_RUNS'] ?? 80);
const SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? 1);

/** A row of the table that says what random calls meet. */
interface Row extends Difference {
  readonly does: string;
}

const ROWS: readonly Row[] = DEVIATIONS.gcsemulator.flatMap(({ does, differential }) =>
  differential === undefined ? [] : [{ does, ...differential }],
);

/** A sequence of calls on both servers at once, and the rows of the table that it has met. */
class Duel {
  readonly met = new Set<Row>();
  readonly #ours: ServerSide;
  readonly #theirs: ServerSide;
  readonly #trace: string[] = [];

  constructor(ours: ServerSide, theirs: ServerSide) {
    this.#ours = ours;
    this.#theirs = theirs;
  }

  /** Plays one call on both, and throws unless they agree up to the table. */
  async play(call: Call, step: number): Promise<void> {
    const wasLive = call.kind !== 'list' && this.#ours.isLive(call.name);
    const [answer, theirs] = await Promise.all([this.#ours.play(call, step), this.#theirs.play(call, step)]);
    const { expected, rows } = expectation({ call, wasLive, answer });
    this.#trace.push(`${step}. ${show(call)}\n   ours   ${show(answer)}\n   theirs ${show(theirs)}`);
    if (!agree(expected, theirs)) {
      const known = rows.map(({ does }) => `\n   known: ${does}`).join('');
      throw new Error(`the servers differ:\n${this.#trace.join('\n')}\n   wanted ${show(expected)}${known}`);
    }
    for (const row of rows) this.met.add(row);
    if (call.kind === 'list' || !rows.some(({ parts }) => parts)) return;
    await Promise.all([this.#ours.clear(call.name), this.#theirs.clear(call.name)]);
  }
}

/** What gcsemulator has to answer, given what the embedded emulator did, and the rows that say so. */
function expectation(played: Played): { expected: Answer; rows: readonly Row[] } {
  let expected = played.answer;
  const rows: Row[] = [];
  for (const row of ROWS) {
    const before = { ...played, answer: expected };
    if (!row.applies(before)) continue;
    expected = row.answers(before);
    // A row that changes nothing says nothing, and does not count as met.
    if (!isDeepStrictEqual(expected, before.answer)) rows.push(row);
  }
  return { expected, rows };
}

function agree(expected: Answer, theirs: Answer): boolean {
  if (expected.shown === undefined) return expected.status === theirs.status;
  return isDeepStrictEqual(expected, theirs);
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: Infinity });
}

describeOn('gcsemulator', (url) => {
  let ours: EmulatorServer;

  beforeAll(async () => {
    // Generations without any order, so that nothing here can lean on one.
    ours = await startEmulator({ generationOrder: 'random' });
  });
  afterAll(() => ours.close());

  it(
    'any sequence of calls has the same answers as on the embedded emulator, but for a table that is met in every row',
    async () => {
      const met = new Set<Row>();
      const property = fc.asyncProperty(sequences, async (calls) => {
        const [ourBucket, theirBucket] = await Promise.all([freshBucket(ours.url), freshBucket(url)]);
        const duel = new Duel(new ServerSide(ours.url, ourBucket), new ServerSide(url, theirBucket));
        for (const [index, call] of calls.entries()) await duel.play(call, index + 1);
        for (const row of duel.met) met.add(row);
      });
      const examples = ROWS.map(({ example }): [readonly Call[]] => [example]);
      await fc.assert(property, { seed: SEED, numRuns: examples.length + RUNS, examples });
      expect(ROWS.filter((row) => !met.has(row)).map(({ does }) => does)).toEqual([]);
    },
    // Time to shrink what fails, and for more runs.
    60_000 + 200 * RUNS,
  );
});
