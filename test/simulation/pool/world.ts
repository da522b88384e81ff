import type { Components } from '../../../src/components.ts';
import { documentCodec } from '../../../src/protocol/document-record.ts';
import { lockNameOf, RESOURCES as DOCUMENT, RESOURCES_NAME } from '../../../src/protocol/pool.ts';
import { GcsResourcePool } from '../../../src/pool/pool.ts';
import type { Sender } from '../bucket.ts';
import { Changes } from '../changes.ts';
import { GroupWorld } from '../group/world.ts';
import type { Run, RunOptions } from '../stage.ts';
import { BUCKET, type Metadata, ORIGIN } from '../wire.ts';
import { PoolClient } from './client.ts';
import { PoolJudge } from './judge.ts';
import { NAME, RESOURCES, type Setting } from './setting.ts';

/** How long the last one waits: longer than anybody keeps it waiting. */
const LAST_PATIENCE_MS = 15_000;

const CODEC = documentCodec(DOCUMENT);

/** Plays one run about a resource pool: all of it follows from the seed, and from the faults that are left out. */
export function playPool(seed: number, options: RunOptions = {}): Promise<Run> {
  return new PoolWorld(seed, options).play();
}

/** A bucket, and some machines whose programs contend for the resources of its one pool. */
class PoolWorld extends GroupWorld {
  readonly judge: PoolJudge;
  readonly #changes = new Changes();
  readonly #judgesGuards: boolean;

  constructor(seed: number, options: RunOptions) {
    super(seed, options, NAME);
    this.#judgesGuards = options.judgesGuards ?? true;
    const { dice } = this;
    const given = RESOURCES.slice(0, dice.pick(1, 2, 2, 3));
    this.judge = new PoolJudge(given, () => this.timeline.nowMs);
    const mayChange = dice.chance(0.6);
    const isStored = dice.chance(0.5) || mayChange;
    if (isStored) {
      const record = { value: { names: given }, writeIds: [dice.leaseId()] };
      this.shelf.begin(`${NAME}/${RESOURCES_NAME}`, CODEC.encode(record));
    }
    const setting: Setting = { given, isStored, mayChange, judge: this.judge, changes: this.#changes };
    this.populate((post) => new PoolClient(this, setting, post));
    const [first, second] = [lockNameOf(RESOURCES[0]), lockNameOf(RESOURCES[1])];
    this.meddle([RESOURCES_NAME, first, second], [first, second]);
  }

  override async play(): Promise<Run> {
    const run = await super.play();
    return { ...run, violations: [...run.violations, ...this.#changes.verdict(this.#judgesGuards)] };
  }

  protected override onWrite(name: string, metadata: Metadata, sender: Sender): void {
    if (name !== `${NAME}/${RESOURCES_NAME}`) return;
    const content = CODEC.decode(metadata);
    if (content.kind === 'record') this.judge.onStored(content.record.value.names);
    // A stranger's edit leaves the ids as they are.
    if (sender !== 'admin') this.#changes.onWrite(metadata['writes'], this.timeline.nowMs);
  }

  protected override async takeAll(components: Components): Promise<void> {
    const options = { ttlMs: 1_000, apiEndpoint: ORIGIN, holder: 'the last' };
    const { names } = this.judge;
    const pool = new GcsResourcePool(BUCKET, NAME, { ...options, resources: names }, components);
    const taken = names.map((name) => pool.acquire({ only: [name], timeoutMs: LAST_PATIENCE_MS }));
    for (const pooled of await Promise.all(taken)) await pooled.release();
  }
}
