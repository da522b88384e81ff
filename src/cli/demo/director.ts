import { randomBytes } from 'node:crypto';
import { GcsMutex } from '../../index.ts';
import type { Settings } from './args.ts';
import { nowMs } from './clock.ts';
import type { Part } from './messages.ts';
import { type Plan, planFor } from './plan.ts';
import { contend, goOn, killHolder, skipStop, stopHolder } from './scenes.ts';
import { type FinalRuling, Stage, Violation } from './stage.ts';
import { type Happening, type Narrator, Story } from './story.ts';
import { type Summary, Tally } from './summary.ts';
import { openVenue, tryOut, type Venue } from './venue.ts';

const NAMES = ['anna', 'ben', 'carl', 'dora'];

/** The user wants no more: a Ctrl-C, or an output that nobody reads. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** What could not be cleaned up, for people. */
  readonly left: string | undefined;

  constructor(message: string, left?: string) {
    super(message);
    this.left = left;
  }
}

/**
 * Plays the whole demo, and cleans up however it ends.
 *
 * @param interruption - its reason, an {@link Interrupted}, ends the play.
 * @returns the exit code.
 * @throws CannotBegin, or the {@link Interrupted} that ended it, once everything is cleaned up.
 */
export async function play(
  settings: Settings,
  narrate: Narrator,
  interruption: AbortSignal,
): Promise<number> {
  // Nobody else's lock: not on a real bucket, not on an emulator that others use too.
  const lockName = `demo-${randomBytes(4).toString('hex')}`;
  const isGoogle = settings.bucket !== undefined && (process.env['STORAGE_EMULATOR_HOST'] ?? '') === '';
  const plan = planFor(isGoogle, settings.ttlMs);
  const venue = await openVenue(settings.bucket, lockName);
  try {
    await tryOut(venue, lockName);
    interruption.throwIfAborted();
    return await new Director(settings, plan, venue, lockName, narrate).play(interruption);
  } finally {
    await venue.close();
  }
}

class Director {
  readonly #settings: Settings;
  readonly #plan: Plan;
  readonly #venue: Venue;
  readonly #lockName: string;
  readonly #narrate: Narrator;
  readonly #story: Story;
  readonly #tally = new Tally();
  readonly #startedMs = nowMs();
  readonly #problems: string[] = [];
  readonly #skippedScenes: string[] = [];

  constructor(settings: Settings, plan: Plan, venue: Venue, lockName: string, narrate: Narrator) {
    this.#settings = settings;
    this.#plan = plan;
    this.#venue = venue;
    this.#lockName = lockName;
    this.#narrate = narrate;
    this.#story = new Story(plan.patienceMs);
  }

  async play(interruption: AbortSignal): Promise<number> {
    const onInterrupt = (): void => this.#story.fail(new Interrupted('interrupted'));
    interruption.addEventListener('abort', onInterrupt, { once: true });
    this.#announce();
    const stage = new Stage(this.#story, (happening) => this.#record(happening));
    try {
      await stage.open(this.#parts());
      await this.#perform(stage);
    } catch (error) {
      // What the judge says of a violation is more than this error knows.
      if (!(error instanceof Violation)) this.#problems.push(messageOf(error));
    } finally {
      await stage.close();
    }
    const ruling = await this.#verdictOf(stage);
    const isLockGone = await this.#sweep();
    if (interruption.aborted) {
      throw new Interrupted(messageOf(interruption.reason), isLockGone ? undefined : this.#lock);
    }
    const summary = this.#sumUp(ruling, isLockGone);
    this.#narrate({ kind: 'summary', ...summary });
    return summary.exitCode;
  }

  get #lock(): string {
    return `gs://${this.#venue.bucket}/${this.#lockName}`;
  }

  async #perform(stage: Stage): Promise<void> {
    await contend(stage);
    await killHolder(stage);
    if (process.platform === 'win32') {
      this.#skippedScenes.push('stop');
      return skipStop(stage);
    }
    await goOn(stage, await stopHolder(stage, this.#venue.refusesLateRelease));
  }

  #announce(): void {
    const { label, notes } = this.#venue;
    const { ttlMs, refreshIntervalMs, clockSkewMs } = this.#plan;
    const { seed } = this.#settings;
    const lock = this.#lock;
    const times = { ttlMs, refreshIntervalMs, clockSkewMs };
    this.#narrate({ kind: 'start', lock, server: label, workers: NAMES, ...times, seed });
    for (const text of notes) this.#record({ kind: 'note', text });
  }

  #record(happening: Happening): void {
    this.#tally.count(happening);
    if (happening.kind === 'woke' && happening.isHeld) {
      this.#problems.push(`${happening.worker} believed in its lease when it woke after its ttl`);
    }
    this.#narrate({ ...happening, atMs: nowMs() - this.#startedMs });
  }

  #parts(): readonly Omit<Part, 'judgePort'>[] {
    const { bucket, apiEndpoint, refusesLateRelease } = this.#venue;
    const { workMs, pauseMs } = this.#plan;
    const endpoint = apiEndpoint === undefined ? {} : { apiEndpoint };
    const options = { ...this.#plan.options, ...endpoint };
    const lockName = this.#lockName;
    return NAMES.map((name, index) => {
      const seed = this.#settings.seed + index;
      return { name, bucket, lockName, options, seed, workMs, pauseMs, refusesLateRelease };
    });
  }

  /** A judge that is gone has cleared nobody. */
  async #verdictOf(stage: Stage): Promise<FinalRuling> {
    try {
      return await stage.verdict();
    } catch (error) {
      this.#problems.push(messageOf(error));
      const verdict = { overlaps: [], leaseCount: 0, lookCount: 0, closestMs: undefined };
      return { kind: 'verdict', verdict, malformedCount: 0 };
    }
  }

  /** Removes what a run that was cut short may have left; says whether the lock object is gone. */
  async #sweep(): Promise<boolean> {
    const { bucket, apiEndpoint } = this.#venue;
    const options = apiEndpoint === undefined ? {} : { apiEndpoint };
    const mutex = new GcsMutex(bucket, this.#lockName, options);
    try {
      const left = await mutex.status();
      if (left !== undefined) await mutex.breakLock({ ifVersion: left.version });
      return left === undefined || (await mutex.status()) === undefined;
    } catch (error) {
      this.#problems.push(messageOf(error));
      return false;
    }
  }

  #sumUp({ verdict, malformedCount }: FinalRuling, isLockGone: boolean): Summary {
    const figures = this.#tally.figures;
    const { overlaps, leaseCount, lookCount, closestMs } = verdict;
    const problems = [
      ...overlaps.map(
        ({ workers, forMs }) => `${workers.join(' and ')} held at once for ${forMs.toFixed(1)} ms`,
      ),
      ...this.#problems,
    ];
    if (malformedCount > 0) problems.push(`the judge could not read ${malformedCount} reports`);
    // A judge that was not told of a lease cannot have judged it.
    if (leaseCount !== figures.acquisitions) {
      problems.push(`the judge heard of ${leaseCount} leases, the director of ${figures.acquisitions}`);
    }
    if (!isLockGone) problems.push(`the lock object ${this.#lock} is still there`);
    return {
      exitCode: problems.length === 0 ? 0 : 1,
      seed: this.#settings.seed,
      durationMs: nowMs() - this.#startedMs,
      ...figures,
      judge: { leases: leaseCount, looks: lookCount, overlaps, closestMs },
      isLockGone,
      skippedScenes: this.#skippedScenes,
      problems,
    };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
