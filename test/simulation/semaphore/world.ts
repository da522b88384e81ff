import type { Components } from '../../../src/components.ts';
import { documentCodec } from '../../../src/protocol/document-record.ts';
import { PERMITS, PERMITS_NAME, slotName } from '../../../src/protocol/semaphore.ts';
import { GcsSemaphore } from '../../../src/semaphore/semaphore.ts';
import { GroupWorld } from '../group/world.ts';
import type { Run, RunOptions } from '../stage.ts';
import { BUCKET, type Metadata, ORIGIN } from '../wire.ts';
import { SemaphoreClient } from './client.ts';
import { Judge } from './judge.ts';
import { NAME, type Setting } from './setting.ts';

/** How long the last one waits: longer than anybody keeps it waiting. */
const LAST_PATIENCE_MS = 15_000;

const PERMITS_CODEC = documentCodec(PERMITS);

/** Plays one run about a semaphore: all of it follows from the seed, and from the faults that are left out. */
export function playSemaphore(seed: number, options: RunOptions = {}): Promise<Run> {
  return new SemaphoreWorld(seed, options).play();
}

/** A bucket, and some machines whose programs contend for the permits of its one semaphore. */
class SemaphoreWorld extends GroupWorld {
  readonly judge: Judge;

  constructor(seed: number, options: RunOptions) {
    super(seed, options, NAME);
    const { dice } = this;
    const permits = dice.pick(1, 2, 2, 3, 4);
    this.judge = new Judge(permits, () => this.timeline.nowMs);
    const mayChange = dice.chance(0.3);
    const isStored = dice.chance(0.5) || mayChange;
    if (isStored) {
      const record = { value: { permits }, writeIds: [dice.leaseId()] };
      this.shelf.begin(`${NAME}/${PERMITS_NAME}`, PERMITS_CODEC.encode(record));
    }
    const setting: Setting = { permits, isStored, mayChange, judge: this.judge };
    this.populate((post) => new SemaphoreClient(this, setting, post));
    this.meddle([PERMITS_NAME, slotName(0), slotName(1)], [slotName(0), slotName(1)]);
  }

  protected override onWrite(name: string, metadata: Metadata): void {
    if (name !== `${NAME}/${PERMITS_NAME}`) return;
    const content = PERMITS_CODEC.decode(metadata);
    if (content.kind === 'record') this.judge.onStored(content.record.value.permits);
  }

  protected override async takeAll(components: Components): Promise<void> {
    const { permits } = this.judge;
    const options = { permits, ttlMs: 1_000, apiEndpoint: ORIGIN, holder: 'the last' };
    const semaphore = new GcsSemaphore(BUCKET, NAME, options, components);
    const lease = await semaphore.acquire({ permits, timeoutMs: LAST_PATIENCE_MS });
    await lease.release();
  }
}
