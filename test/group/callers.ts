import type { PooledResource } from '../../src/pool/pooled-resource.ts';
import type { GcsResourcePool } from '../../src/pool/pool.ts';
import type { GcsSemaphore } from '../../src/semaphore/semaphore.ts';
import type { SemaphoreLease } from '../../src/semaphore/semaphore-lease.ts';
import { Caller, type Story } from './caller.ts';
import type { Held } from './ledger.ts';

export const NAME = 'groups/one';

const RESOURCES = ['a', 'b', 'c', 'd'];

/** The resources that there are at first. */
export function resourcesOf({ count }: Pick<Story, 'count'>): readonly string[] {
  return RESOURCES.slice(0, count);
}

function heldPermits(lease: SemaphoreLease): Held {
  return {
    get isHeld() {
      return lease.isHeld;
    },
    leaseIds: lease.leaseIds,
    locks: lease.slots,
    refresh: () => lease.refresh(),
    release: (options) => lease.release(options),
  };
}

function heldResource(resource: PooledResource<undefined>): Held {
  const { lease } = resource;
  return {
    get isHeld() {
      return lease.isHeld;
    },
    leaseIds: [lease.leaseId],
    locks: [lease.lock],
    refresh: () => resource.refresh(),
    release: (options) => resource.release(options),
  };
}

/** Makes calls of a semaphore. */
export class SemaphoreCaller extends Caller {
  readonly #semaphore: GcsSemaphore;

  constructor(story: Story, number: number) {
    super(story, number);
    const { ttlMs, requestTimeoutMs, count, mayChange, ledger } = story;
    const options = { ttlMs, requestTimeoutMs, ...(mayChange ? {} : { permits: count }) };
    this.#semaphore = this.process.semaphore(NAME, options, { logger: ledger.onEvent });
  }

  protected override async turn(): Promise<void> {
    const { dice, story } = this;
    const semaphore = this.#semaphore;
    const permits = dice.pick(1, 1, 1 + Math.floor(dice.draw() * story.count));
    const work = (lease: SemaphoreLease): Promise<void> => this.work(heldPermits(lease));
    const way = dice.draw() * (story.mayChange ? 1 : 0.76);
    if (way < 0.3) {
      const acquire = () => semaphore.acquire({ permits, ...this.patience() });
      const lease = await this.attempt('acquire', this.acquiring, acquire);
      await this.hold(lease && heldPermits(lease));
    } else if (way < 0.5) {
      const acquire = () => semaphore.tryAcquire({ permits, ...this.impatience() });
      const lease = await this.attempt('tryAcquire', this.trying, acquire);
      await this.hold(lease && heldPermits(lease));
    } else if (way < 0.6) {
      const run = () => semaphore.run(work, { permits, ...this.patience() });
      await this.attempt('run', [...this.acquiring, 'ERR_LEASE_LOST'], run);
    } else if (way < 0.7) {
      const run = () => semaphore.tryRun(work, { permits });
      await this.attempt('tryRun', [...this.trying, 'ERR_LEASE_LOST'], run);
    } else if (way < 0.76) {
      const status = await this.attempt('status', this.trying, () => semaphore.status());
      if (status !== undefined && status.held + status.available > Math.max(status.held, status.permits))
        story.ledger.add(`${status.held} permits are held, and ${status.available} available`);
    } else await this.#change(1 + Math.floor(dice.draw() * 4));
  }

  async #change(permits: number): Promise<void> {
    const settled = this.story.ledger.mayBeStored(permits);
    const change = () => this.#semaphore.setPermits(permits);
    // A call that rejects may be done later.
    if ((await this.attempt('setPermits', ['ERR_STORE_UNAVAILABLE'], change)) !== undefined) settled();
  }
}

/** Makes calls of a pool. */
export class PoolCaller extends Caller {
  readonly #pool: GcsResourcePool;

  constructor(story: Story, number: number) {
    super(story, number);
    const { ttlMs, requestTimeoutMs, mayChange, ledger } = story;
    const options = { ttlMs, requestTimeoutMs, ...(mayChange ? {} : { resources: resourcesOf(story) }) };
    this.#pool = this.process.pool(NAME, options, { logger: ledger.onEvent });
  }

  protected override async turn(): Promise<void> {
    const { dice, story } = this;
    const pool = this.#pool;
    const only = dice.chance(0.3) ? [dice.pick('a', ...resourcesOf(story))] : undefined;
    const work = (resource: PooledResource<undefined>): Promise<void> => this.work(heldResource(resource));
    const way = dice.draw() * (story.mayChange ? 1 : 0.76);
    if (way < 0.3) {
      const acquire = () => pool.acquire({ only, ...this.patience() });
      const resource = await this.attempt('acquire', this.acquiring, acquire);
      await this.hold(resource && heldResource(resource));
    } else if (way < 0.5) {
      const acquire = () => pool.tryAcquire({ only, ...this.impatience() });
      const resource = await this.attempt('tryAcquire', this.trying, acquire);
      await this.hold(resource && heldResource(resource));
    } else if (way < 0.6) {
      const run = () => pool.run(work, { only, ...this.patience() });
      await this.attempt('run', [...this.acquiring, 'ERR_LEASE_LOST'], run);
    } else if (way < 0.7) {
      const run = () => pool.tryRun(work, { only });
      await this.attempt('tryRun', [...this.trying, 'ERR_LEASE_LOST'], run);
    } else if (way < 0.76) {
      await this.attempt('status', ['ERR_STORE_UNAVAILABLE'], () => pool.status());
    } else await this.#change(dice.pick('a', ...RESOURCES), way < 0.86);
  }

  async #change(resource: string, isAdded: boolean): Promise<void> {
    const { ledger } = this.story;
    const lock = `${this.#pool.url}/use-${resource}`;
    const settled = isAdded ? ledger.adding(lock) : ledger.removing(lock);
    const changed = await this.attempt(isAdded ? 'add' : 'remove', ['ERR_STORE_UNAVAILABLE'], () =>
      isAdded ? this.#pool.add([resource]) : this.#pool.remove([resource]),
    );
    if (changed !== undefined && (isAdded || changed.length === 0)) settled();
  }
}
