import { slotIndex } from '../../../src/protocol/semaphore.ts';
import { GcsSemaphore } from '../../../src/semaphore/semaphore.ts';
import type { SemaphoreLease } from '../../../src/semaphore/semaphore-lease.ts';
import { GroupProgram } from '../group/program.ts';
import type { GroupWorld, Post } from '../group/world.ts';
import { BUCKET } from '../wire.ts';
import { givenPermits, NAME, type Setting } from './setting.ts';

/** A program with one handle of the semaphore. */
export class SemaphoreClient extends GroupProgram {
  readonly #setting: Setting;
  readonly #semaphore: GcsSemaphore;

  constructor(world: GroupWorld, setting: Setting, post: Post) {
    super(world, post);
    this.#setting = setting;
    const options = { ...this.optionsOf(post.options), ...givenPermits(this.dice, setting) };
    this.#semaphore = new GcsSemaphore(BUCKET, NAME, options, this.components());
    void this.live();
  }

  protected override async turn(): Promise<void> {
    const { dice } = this;
    const { timeoutMs, given } = this.patience();
    const permits = 1 + Math.floor(dice.draw() * dice.pick(1, this.#setting.permits));
    const way = dice.draw();
    const semaphore = this.#semaphore;
    const work = (lease: SemaphoreLease): Promise<void> => this.#workOnly(permits, lease);
    if (way < 0.5) return this.#hold(permits, await semaphore.acquire({ timeoutMs, permits, ...given }));
    if (way < 0.65) return semaphore.run(work, { timeoutMs, permits, ...given });
    if (way < 0.8) return this.#hold(permits, await semaphore.tryAcquire({ permits, ...given }));
    if (way < 0.9) return void (await semaphore.tryRun(work, { permits, ...given }));
    if (this.#setting.mayChange && way < 0.97) return this.#change();
    const { held, free, stale, unusable, available } = await semaphore.status(given);
    const counts = [held, free, stale, unusable, available];
    if (counts.some((count) => count < 0)) this.wrong(`a status that does not add up: ${counts.join()}`);
  }

  protected override onLock(url: string): void {
    const index = slotIndex(url.slice(-9));
    this.#setting.judge.onSlot(index ?? Infinity, this.sinceMs, this.process.nowMs);
  }

  /** More permits than there are, since somebody lowered the number. */
  protected override mayFail(error: unknown): boolean {
    return error instanceof RangeError && this.#setting.mayChange;
  }

  /** Somebody changes the number of permits, for everybody. */
  async #change(): Promise<void> {
    const permits = 1 + Math.floor(this.dice.between(0, 4));
    await this.#semaphore.setPermits(
      permits,
      this.dice.chance(0.5) ? { ifPermits: this.#setting.judge.permits } : {},
    );
  }

  /** What a caller does that releases by itself. */
  async #hold(wanted: number, lease: SemaphoreLease | undefined): Promise<void> {
    if (lease === undefined) return;
    const { dice } = this;
    await this.#work(wanted, lease);
    const options = dice.chance(0.5) ? {} : { timeoutMs: dice.between(100, 3_000) };
    const wasHeld = lease.isHeld;
    const fromMs = this.process.nowMs;
    const released = lease.release(options);
    const isAtOnce = this.process.nowMs === fromMs;
    for (const watch of this.watchesOf(lease.leaseIds)) {
      if (wasHeld && isAtOnce) watch.onRelease();
      watch.end();
    }
    this.look(lease.leaseIds, lease);
    await released;
    this.look(lease.leaseIds, lease);
  }

  /** What a callback does: the release follows at once. */
  async #workOnly(wanted: number, lease: SemaphoreLease): Promise<void> {
    await this.#work(wanted, lease);
    for (const watch of this.watchesOf(lease.leaseIds)) watch.leave();
  }

  async #work(wanted: number, lease: SemaphoreLease): Promise<void> {
    this.#setting.judge.onLease(wanted, lease.slots, this.process.nowMs);
    await this.work(lease.leaseIds, lease);
  }
}
