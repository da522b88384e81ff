import { resourceOf } from '../../../src/protocol/pool.ts';
import { GcsResourcePool } from '../../../src/pool/pool.ts';
import type { PooledResource } from '../../../src/pool/pooled-resource.ts';
import type { ChangeCall } from '../changes.ts';
import type { MemberWatch } from '../group/member-watch.ts';
import { GroupProgram } from '../group/program.ts';
import type { GroupWorld, Post } from '../group/world.ts';
import { BUCKET, type Call } from '../wire.ts';
import { type LiveObject, LiveWatch, OwnError } from './live-watch.ts';
import { givenResources, NAME, RESOURCES, type Setting } from './setting.ts';

type Pooled = PooledResource<LiveObject | undefined>;

/** A program with one handle of the pool. */
export class PoolClient extends GroupProgram {
  readonly #world: GroupWorld;
  readonly #setting: Setting;
  readonly #live: LiveWatch | undefined;
  readonly #pool: GcsResourcePool<LiveObject | undefined>;
  /** The change that has just begun, whose ids are not known yet. */
  #beginning: ChangeCall | undefined;
  #changeCount = 0;

  constructor(world: GroupWorld, setting: Setting, post: Post) {
    super(world, post);
    const { dice } = this;
    this.#world = world;
    this.#setting = setting;
    const options = { ...this.optionsOf(post.options), ...givenResources(dice, setting) };
    const hasLive = dice.chance(0.5);
    this.#live = hasLive
      ? new LiveWatch(this.process, dice, {
          wrong: (what) => this.wrong(what),
          onCreate: (resource) => this.#onCreate(resource),
          onFailure: (resource) => this.#watchOf(resource)?.leave(),
        })
      : undefined;
    const live = this.#live && {
      create: this.#live.create,
      destroy: this.#live.destroy,
      maxIdle: dice.pick(0, 1, 10),
    };
    this.#pool = new GcsResourcePool(BUCKET, NAME, { ...options, ...live }, this.components());
    void this.live();
  }

  protected override async turn(): Promise<void> {
    const { dice } = this;
    const { timeoutMs, given } = this.patience();
    const only = dice.chance(0.3) ? this.#some() : undefined;
    const asked = { ...given, ...(only === undefined ? {} : { only }) };
    if (this.#setting.mayChange && dice.chance(0.3)) return this.#change();
    const way = dice.draw();
    const pool = this.#pool;
    const work = (pooled: Pooled): Promise<void> => this.#work(only, pooled);
    try {
      if (way < 0.45) return await this.#hold(only, await pool.acquire({ timeoutMs, ...asked }));
      if (way < 0.6) return await pool.run(work, { timeoutMs, ...asked });
      if (way < 0.75) return await this.#hold(only, await pool.tryAcquire(asked));
      if (way < 0.9) return void (await pool.tryRun(work, asked));
    } finally {
      // Whatever came of it: what was made a live object of, and not handed over, is used no more.
      for (const watch of this.watches) watch.leave();
    }
    const { counts, resources } = await pool.status(given);
    const { free, held, stale, unusable } = counts;
    if (free + held + stale + unusable !== resources.length)
      this.wrong(`a status that does not add up: ${[free, held, stale, unusable].join()}`);
  }

  protected override async leave(): Promise<void> {
    await this.#pool.close();
    // While others are asleep with what they hold.
    if (this.#setting.mayChange) {
      await this.process.sleep(this.dice.between(0, 3_000));
      await this.attempt(() => this.#change());
    }
    if ((this.#live?.count ?? 0) > 0) this.wrong('a closed pool leaves live objects behind');
  }

  protected override onLock(url: string): void {
    this.#setting.judge.onLock(this.#resourceAt(url), this.sinceMs, this.process.nowMs);
  }

  /** The program's own, or names of which none is a resource any more. */
  protected override mayFail(error: unknown): boolean {
    return error instanceof OwnError || (error instanceof RangeError && this.#setting.mayChange);
  }

  /** The id of a change is drawn before its call returns, so that it is known whose it is. */
  protected override onId(id: string): string {
    if (this.#beginning !== undefined) this.#beginning.idPrefix = id;
    return id;
  }

  /** A resource is given back only when nothing of this process is at work on it any more. */
  protected override onSent({ method, name = '', ifGenerationMatch }: Call): void {
    const object = this.#world.shelf.objectAt(decodeURIComponent(name));
    if (method !== 'delete' || object?.generation !== ifGenerationMatch) return;
    for (const { url } of this.watchesOf([object?.metadata['lease-id'] ?? ''])) {
      if (this.#live?.isBusy(this.#resourceAt(url)) === true)
        this.wrong(`${this.#resourceAt(url)} is given back while a live object is made or ended`);
    }
  }

  /** Somebody adds or removes resources, for everybody. */
  async #change(): Promise<void> {
    const { judge, changes } = this.#setting;
    const fromMs = this.process.nowMs;
    const [, ...others] = RESOURCES;
    const names = this.dice.chance(0.5) ? others : others.filter(() => this.dice.chance(0.5));
    if (names.length === 0) return;
    const kind = this.dice.pick('add', 'remove');
    this.#changeCount += 1;
    const call = changes.begin(`${kind} ${this.process.number}.${this.#changeCount}`, fromMs);
    this.#beginning = call;
    const changing = this.#pool[kind](names);
    this.#beginning = undefined;
    try {
      const answered = await changing;
      const toMs = this.process.nowMs;
      changes.end(call, toMs, true);
      if (kind === 'add') return;
      for (const name of names) if (!answered.includes(name)) judge.onOutOfUse(name, { fromMs, toMs });
    } catch (error) {
      changes.end(call, this.process.nowMs, false);
      throw error;
    }
  }

  /** What a caller does that gives back by itself. */
  async #hold(only: readonly string[] | undefined, pooled: Pooled | undefined): Promise<void> {
    if (pooled === undefined) return;
    const { dice } = this;
    const { resource, lease, value } = pooled;
    await this.#work(only, pooled);
    const wasLost = lease.lossError !== undefined;
    if (dice.chance(0.3)) await pooled[Symbol.asyncDispose]();
    else await pooled.release(dice.chance(0.5) ? {} : { timeoutMs: dice.between(100, 3_000) });
    if (lease.isHeld) this.wrong(`${resource} is held though it was given back`);
    if (wasLost && value?.isOver === false) this.wrong(`a live object outlives the loss of ${resource}`);
  }

  /** What is done with a resource; it is given back at once. */
  async #work(only: readonly string[] | undefined, { resource, lease, value }: Pooled): Promise<void> {
    const [watch] = this.watchesOf([lease.leaseId]);
    if (watch !== undefined) this.#setting.judge.onGiven(resource, only, watch.gotMs, this.process.nowMs);
    this.#live?.onUse(value, resource);
    await this.work([lease.leaseId], lease);
    watch?.leave();
    if (value !== undefined) value.isUsed = false;
  }

  #onCreate(resource: string): void {
    const watch = this.#watchOf(resource);
    if (watch === undefined) this.wrong(`a live object is made of ${resource}, which is not held`);
    else watch.onHandedOver([watch]);
  }

  /** The latest of a resource. */
  #watchOf(resource: string): MemberWatch | undefined {
    return this.watches.findLast(({ url }) => this.#resourceAt(url) === resource);
  }

  #some(): readonly string[] {
    const { given, mayChange } = this.#setting;
    const some = (mayChange ? RESOURCES : given).filter(() => this.dice.chance(0.4));
    return some.length > 0 ? some : [RESOURCES[0]];
  }

  #resourceAt(url: string): string {
    return resourceOf(url.slice(`gs://${BUCKET}/${NAME}/`.length)) ?? url;
  }
}
