import { expect, it } from 'vitest';
import { createEmulator } from '../../emulator/index.ts';
import { createStore } from '../../src/gcs/json-api.ts';
import type { Store } from '../../src/gcs/store.ts';
import type { Transport } from '../../src/gcs/transport.ts';
import type { LockRecord } from '../../src/protocol/record.ts';
import type { DeleteOutcome, ReadOutcome, WriteOutcome } from '../../src/protocol/outcome.ts';
import { isSameVersion, type Version } from '../../src/protocol/version.ts';
import { createHandlerTransport } from '../gcs/handler-transport.ts';
import { record, unhurried, writing } from '../gcs/tools.ts';
import { Bucket } from './bucket.ts';
import { Checker } from './checker.ts';
import { Dice } from './dice.ts';
import { BUCKET, NAME, ORIGIN, readRequest, writeAnswer } from './wire.ts';

// The simulated bucket is quick, since worlds are played by the million; this ties it to the emulator.

const NOW_MS = Date.UTC(2030, 0, 1);

function simulated(missingStatus: 404 | 412): Transport {
  const bucket = new Bucket(new Checker(), {
    epochMs: NOW_MS,
    dateSkewMs: 0,
    isRationed: false,
    missingStatus,
  });
  return (request) => Promise.resolve(writeAnswer(bucket.execute(readRequest(request), 1, 0)));
}

function embedded(missingObjectStatus: 404 | 412): Transport {
  const emulator = createEmulator({ clock: () => NOW_MS, buckets: [BUCKET], missingObjectStatus });
  return createHandlerTransport(emulator.handler);
}

/** A lock object, and the versions that its answers have shown, oldest first. */
class Player {
  readonly #store: Store;
  readonly #versions: Version[] = [{ generation: '1', metageneration: '1' }];

  constructor(transport: Transport) {
    this.#store = createStore({ endpoint: { origin: ORIGIN }, bucket: BUCKET, name: NAME }, transport);
  }

  /** Makes one call; what it gives names versions by when they were first seen. */
  async play(call: Call): Promise<unknown> {
    const generation = this.#known(call.generationOf).generation;
    const expected = { generation, metageneration: this.#known(call.metagenerationOf).metageneration };
    const outcome = await this.#send(call, expected);
    if (outcome.kind === 'found')
      return { ...this.#see(outcome.object.version), content: outcome.object.content };
    return outcome.kind === 'applied' && 'version' in outcome ? this.#see(outcome.version) : outcome.kind;
  }

  #send(
    { kind, record: sent }: Call,
    expected: Version,
  ): Promise<WriteOutcome | DeleteOutcome | ReadOutcome> {
    switch (kind) {
      case 'create':
        return this.#store.create(sent, writing());
      case 'overwrite':
        return this.#store.overwrite(expected, sent, writing());
      case 'patch':
        return this.#store.patch(expected, sent, writing());
      case 'delete':
        return this.#store.delete({ generation: expected.generation }, writing());
      case 'break':
        return this.#store.delete(expected, writing());
      case 'get':
        return this.#store.get(unhurried());
      default:
        return kind satisfies never;
    }
  }

  /** A version by its place, counted from the latest. */
  #known(place: number): Version {
    return (
      this.#versions.at(-1 - (place % this.#versions.length)) ?? { generation: '1', metageneration: '1' }
    );
  }

  /** A version without the numbers that its store happens to have chosen. */
  #see(version: Version): { readonly seen: number; readonly metageneration: string } {
    const isSame = (known: Version): boolean => isSameVersion(known, version);
    if (!this.#versions.some(isSame)) this.#versions.push(version);
    return { seen: this.#versions.findIndex(isSame), metageneration: version.metageneration };
  }
}

interface Call {
  readonly kind: 'create' | 'overwrite' | 'patch' | 'delete' | 'break' | 'get';
  readonly record: LockRecord;
  readonly generationOf: number;
  readonly metagenerationOf: number;
}

function drawCall(dice: Dice): Call {
  return {
    kind: dice.pick('create', 'overwrite', 'patch', 'delete', 'break', 'get', 'patch', 'create'),
    record: record({ leaseId: dice.leaseId(), refreshCount: Math.floor(dice.between(0, 9)) }),
    generationOf: dice.pick(0, 0, 0, 1, 2, 3),
    metagenerationOf: dice.pick(0, 0, 0, 1, 2, 3),
  };
}

it.each([404, 412] as const)(
  'the simulated bucket answers as the embedded emulator does (%d)',
  async (status) => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const dice = new Dice(seed);
      const [ours, theirs] = [new Player(simulated(status)), new Player(embedded(status))];
      for (let step = 0; step < 15; step++) {
        const call = drawCall(dice);
        const answer = await ours.play(call);
        expect({ seed, step, call: call.kind, answer }).toEqual({
          seed,
          step,
          call: call.kind,
          answer: await theirs.play(call),
        });
        kinds.add(`${call.kind} ${typeof answer === 'string' ? answer : 'applied'}`);
      }
    }
    // Every call has been both refused and applied.
    expect(kinds.size).toBeGreaterThanOrEqual(11);
  },
);
