import type { DeleteOutcome, Failure, ReadOutcome, WriteOutcome } from '../../../src/protocol/outcome.ts';
import type { StoreStep } from '../../../src/protocol/step.ts';
import type { Answer, Bucket, Request } from './bucket.ts';
import type { Dice } from './dice.ts';
import type { Timeline } from './timeline.ts';

export type Outcome = WriteOutcome | DeleteOutcome | ReadOutcome;

/** What becomes of one request: when it is carried out, how often, and what its sender hears. */
interface Fate {
  readonly executionsMs: readonly number[];
  /** After the first execution; absent where nothing is ever heard. */
  readonly answerMs?: number;
  /** What is heard in place of the store's own answer. */
  readonly instead?: 'unknown' | 'busy' | 'not-sent' | 'failed';
}

/** A time in which one client's network is worse than usual. */
interface Weather {
  readonly fromMs: number;
  readonly toMs: number;
  /** `cut`: nothing passes. `mute`: requests pass, answers do not. `late`: requests pass sooner or later. */
  readonly kind: 'cut' | 'mute' | 'late';
}

/** The way between one client and the bucket, until `calmAtMs`, from when on nothing is lost, late or doubled. */
export class Network {
  readonly #timeline: Timeline;
  readonly #bucket: Bucket;
  readonly #dice: Dice;
  readonly #calmAtMs: number;
  readonly #latestMs: number;
  readonly #badWeather: Weather[];
  readonly #faultRate: number;

  constructor(timeline: Timeline, bucket: Bucket, dice: Dice, calmAtMs: number, latestMs: number) {
    this.#timeline = timeline;
    this.#bucket = bucket;
    this.#dice = dice;
    this.#calmAtMs = calmAtMs;
    this.#latestMs = latestMs;
    this.#faultRate = dice.pick(0.02, 0.15, 0.4);
    this.#badWeather = [];
    for (let count = dice.pick(0, 1, 2, 4); count > 0; count--) this.worsen(dice.between(0, calmAtMs));
  }

  /** Announces bad weather from a point of real time on. */
  worsen(fromMs: number): void {
    const toMs = fromMs + this.#dice.between(0, this.#latestMs);
    this.#badWeather.push({ fromMs, toMs, kind: this.#dice.pick('cut', 'mute', 'late') });
  }

  /** @param settle - told at most once, and perhaps never. */
  send(step: StoreStep, leaseId: string, settle: (outcome: Outcome, atMs: number) => void): void {
    const request = requestOf(step, leaseId);
    const { nowMs } = this.#timeline;
    const { executionsMs, answerMs, instead } = this.#draw(nowMs);
    for (const [index, executionMs] of executionsMs.entries()) {
      if (index > 0 && executionMs > this.#calmAtMs) continue;
      this.#timeline.at(executionMs, () => {
        const answer = this.#bucket.execute(request, executionMs);
        if (index > 0 || answerMs === undefined || instead !== undefined) return;
        settle(outcomeOf(request, answer), executionMs + answerMs);
      });
    }
    if (instead === undefined || answerMs === undefined) return;
    settle(failureOf(step, instead), nowMs + answerMs);
  }

  #draw(nowMs: number): Fate {
    const dice = this.#dice;
    const soonMs = nowMs + dice.between(3, 60);
    const answerMs = dice.between(3, 60);
    if (nowMs >= this.#calmAtMs) return { executionsMs: [soonMs], answerMs };
    const weather = this.#badWeather.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
    const lateMs = nowMs + dice.between(0, this.#latestMs);
    if (weather?.kind === 'mute') return { executionsMs: [soonMs] };
    if (weather?.kind === 'late') return { executionsMs: [dice.chance(0.5) ? soonMs : lateMs] };
    if (weather?.kind === 'cut') return { executionsMs: dice.chance(0.3) ? [lateMs] : [] };
    if (!dice.chance(this.#faultRate)) return { executionsMs: [soonMs], answerMs };
    switch (dice.pick('late', 'slow', 'lost', 'mute', 'broken', 'refused', 'double', 'double')) {
      case 'late':
        return { executionsMs: [lateMs], answerMs };
      case 'slow':
        return { executionsMs: [soonMs], answerMs: lateMs - nowMs };
      case 'lost':
        return { executionsMs: [] };
      case 'mute':
        return { executionsMs: [soonMs] };
      case 'broken':
        return {
          executionsMs: dice.pick([], [soonMs], [lateMs]),
          answerMs: 2 * answerMs,
          instead: 'unknown',
        };
      case 'double':
        return { executionsMs: [soonMs, lateMs], answerMs };
      default: {
        const instead = dice.pick('busy', 'not-sent', 'busy', 'not-sent', 'failed');
        return { executionsMs: [], answerMs, instead };
      }
    }
  }
}

function requestOf(step: StoreStep, leaseId: string): Request {
  switch (step.kind) {
    case 'get':
      return { method: 'get', leaseId };
    case 'create':
      return { method: 'insert', leaseId, ifGenerationMatch: '0', record: step.record };
    case 'delete':
      return { method: 'delete', leaseId, ifGenerationMatch: step.generation };
    default: {
      const { generation, metageneration } = step.expected;
      const guards = { ifGenerationMatch: generation, ifMetagenerationMatch: metageneration };
      return { method: step.kind === 'patch' ? 'patch' : 'insert', leaseId, ...guards, record: step.record };
    }
  }
}

function outcomeOf(request: Request, answer: Answer): Outcome {
  if (answer.status === 204) return { kind: 'applied' };
  if (request.method !== 'get') {
    return answer.status === 200 ? { kind: 'applied', version: answer.object.version } : { kind: 'refused' };
  }
  return answer.status === 200 ? { kind: 'found', object: answer.object } : { kind: 'absent' };
}

/** What a sender hears of a request that no usable answer came to. */
export function failureOf(step: StoreStep, how: NonNullable<Fate['instead']>): Outcome {
  const failure: Failure = { kind: FAILURES[how], detail: `${how}, says the network` };
  if (step.kind === 'get') return { kind: how === 'failed' ? 'failed' : 'unreadable', failure };
  return { kind: how === 'busy' || how === 'not-sent' ? 'not-applied' : how, failure };
}

const FAILURES = {
  unknown: 'unavailable',
  busy: 'busy',
  'not-sent': 'unavailable',
  failed: 'permission-denied',
} as const;
