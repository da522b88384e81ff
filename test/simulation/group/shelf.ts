import type { TransportRequest } from '../../../src/gcs/transport.ts';
import { Bucket, type BucketNature, type Sender } from '../bucket.ts';
import { Checker } from '../checker.ts';
import type { Served } from '../network.ts';
import { type Answer, type Call, type Metadata, readRequestToAny, type Shown } from '../wire.ts';

/** An object of several, and whoever watches it. */
interface Kept {
  readonly bucket: Bucket;
  readonly checker: Checker;
}

/** Told of each object that was written, as it is then, and by whom. */
type OnWrite = (name: string, metadata: Metadata, sender: Sender) => void;

/** Several objects of one bucket, each as the one object of a lock's world, which can be listed. */
export class Shelf implements Served {
  readonly #nature: BucketNature;
  readonly #judgesGuards: boolean;
  readonly #onWrite: OnWrite;
  readonly #kept = new Map<string, Kept>();

  constructor(nature: BucketNature, judgesGuards: boolean, onWrite: OnWrite) {
    this.#nature = nature;
    this.#judgesGuards = judgesGuards;
    this.#onWrite = onWrite;
  }

  get checkers(): readonly Checker[] {
    return [...this.#kept.values()].map(({ checker }) => checker);
  }

  /** The names of the objects that are there, in their order. */
  get names(): readonly string[] {
    return [...this.#kept]
      .flatMap(([name, { bucket }]) => (bucket.object === undefined ? [] : [name]))
      .toSorted();
  }

  /** An object as it is now. */
  objectAt(name: string): Shown | undefined {
    return this.#of(name).bucket.object;
  }

  checkerOf(name: string): Checker {
    return this.#of(name).checker;
  }

  begin(name: string, metadata: Metadata): void {
    this.#of(name).bucket.begin(metadata);
    this.#onWrite(name, metadata, 'admin');
  }

  read(request: TransportRequest): Call {
    return readRequestToAny(request);
  }

  execute(call: Call, sender: Sender, nowMs: number): Answer {
    const name = decodeURIComponent(call.name ?? '');
    // A list is of one moment, as each read is.
    if (call.method === 'list') return this.#list(name, nowMs);
    const { bucket } = this.#of(name);
    const before = bucket.object;
    const answer = bucket.execute(call, sender, nowMs);
    if (bucket.object !== before) this.#onWrite(name, bucket.object?.metadata ?? {}, sender);
    return answer;
  }

  #list(prefix: string, nowMs: number): Answer {
    const listed = this.names
      .filter((name) => name.startsWith(prefix))
      .flatMap((name) => {
        const { object } = this.#of(name).bucket;
        return object === undefined ? [] : [[name, object] as const];
      });
    const { dateMs } = this.#of(prefix).bucket.execute({ ...GET }, 'admin', nowMs);
    return { status: 200, dateMs, listed };
  }

  #of(name: string): Kept {
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const checker = new Checker(this.#judgesGuards);
    const kept = { checker, bucket: new Bucket(checker, this.#nature) };
    this.#kept.set(name, kept);
    return kept;
  }
}

const GET = {
  method: 'get',
  ifGenerationMatch: undefined,
  ifMetagenerationMatch: undefined,
  metadata: {},
} as const;
