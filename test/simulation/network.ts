import {
  type Transport,
  type TransportAnswer,
  TransportError,
  type TransportRequest,
} from '../../src/gcs/transport.ts';
import type { Sender } from './bucket.ts';
import { Dice } from './dice.ts';
import { type Fate, type Instead, smooth, stormy, unlucky, type Weather } from './fate.ts';
import type { Process } from './process.ts';
import type { Stage } from './stage.ts';
import { type Answer, answerOf, type Call, errorAnswer, writeAnswer } from './wire.ts';

/** A store at the far end: what it makes of a request, and of that. */
export interface Served {
  /** Throws at what it does not know. */
  read(request: TransportRequest): Call;
  execute(call: Call, sender: Sender, nowMs: number): Answer;
}

/** The way between one process and the bucket, until the calm, from when on nothing is lost, late or doubled. */
export class Network {
  readonly #world: Stage;
  readonly #store: Served;
  readonly #latestMs: number;
  readonly #faultRate: number;
  readonly #number: number;
  readonly #badWeather: (Weather & { readonly key: string })[] = [];
  #requestCount = 0;

  /**
   * @param number - of the machine whose network it is.
   * @param latestMs - how long a request may be under way.
   */
  constructor(world: Stage, store: Served, number: number, latestMs: number) {
    this.#world = world;
    this.#store = store;
    this.#number = number;
    this.#latestMs = latestMs;
    const dice = new Dice(world.seed, number, 2);
    this.#faultRate = dice.pick(...world.trouble.faultRate);
    for (let count = dice.pick(...world.trouble.weatherCount); count > 0; count--) {
      this.worsen(dice.between(0, world.calmMs), dice);
    }
  }

  /** Announces bad weather from a point of real time on. */
  worsen(fromMs: number, dice: Dice): void {
    const toMs = Math.min(fromMs + dice.between(0, this.#latestMs), this.#world.calmMs);
    const kind = dice.pick('cut', 'mute', 'late');
    const key = `weather ${this.#number}.${this.#badWeather.length}`;
    this.#badWeather.push({ fromMs, toMs, kind, key });
  }

  /** What a process sends by, and somebody who is told; it settles at most once, and perhaps never. */
  transportOf(process: Process, onSent: (call: Call) => void): Transport {
    return (request, signal) => {
      if (signal.aborted) return Promise.reject(new TransportError('unsent', 'aborted before it was sent'));
      const call = this.#store.read(request);
      this.#requestCount += 1;
      const number = this.#requestCount;
      const fate = this.#fateOf(number, process.nowMs);
      this.#world.tell(process, call.method.length, () => `#${number} ${describe(call, fate)}`);
      onSent(call);
      const isUnlucky = fate.fault !== undefined;
      if (isUnlucky) process.trouble();
      return new Promise<TransportAnswer>((resolve, reject) => {
        process.openRequestCount += 1;
        let isOpen = true;
        const settle = (act: () => void): void => {
          if (!isOpen) return;
          isOpen = false;
          process.openRequestCount -= 1;
          if (isUnlucky) process.trouble();
          act();
        };
        const onAbort = (): void =>
          settle(() => reject(new TransportError('interrupted', 'the attempt was cut off')));
        // Taken off by nobody: the signal is of this attempt alone, and goes with it.
        signal.addEventListener('abort', onAbort);
        this.#deliver(call, fate, number, process, (answer) => {
          settle(() => {
            if (answer?.status === 429) process.trouble();
            this.#world.tell(process, 1, () => `#${number} is answered ${fate.instead ?? answer?.status}`);
            if (fate.instead === undefined && answer !== undefined) resolve(writeAnswer(answer));
            else if (fate.instead === 'mixed-up') this.#mixUp(call, resolve, reject);
            else distort(fate.instead ?? 'reset', answer, resolve, reject);
          });
        });
        process.onSend(call.metadata['lease-id']);
      });
    };
  }

  #deliver(
    call: Call,
    { executionsMs, heardMs, fault }: Fate,
    number: number,
    process: Process,
    hear: (answer: Answer | undefined) => void,
  ): void {
    const sentMs = process.nowMs;
    let answer: Answer | undefined;
    for (const [index, delayMs] of executionsMs.entries()) {
      const atMs = sentMs + delayMs;
      if (index > 0 && atMs > this.#world.calmMs) continue;
      this.#world.timeline.at(atMs, () => {
        const made = this.#store.execute(index > 0 ? { ...call, isCopy: true } : call, process.number, atMs);
        answer ??= made;
        if (fault !== undefined) process.trouble();
        this.#world.tell(process, made.status, () => `#${number} reaches the store: ${describeAnswer(made)}`);
      });
    }
    if (heardMs !== undefined) process.at(sentMs + heardMs, () => hear(answer));
  }

  /**
   * Answers with the object as it is, whatever was asked, as a cache on the way might. One that shows a write of the same
   * acquisition is left out: nobody could tell it from the answer of its own.
   */
  #mixUp(call: Call, resolve: (answer: TransportAnswer) => void, reject: (error: Error) => void): void {
    const { name } = call;
    const get = { method: 'get', ifGenerationMatch: undefined, ifMetagenerationMatch: undefined } as const;
    const asked = { ...get, ...(name === undefined ? {} : { name }), metadata: {} };
    const answer = this.#store.execute(asked, 'admin', this.#world.timeline.nowMs);
    const shown = answer.shown?.metadata['lease-id'];
    if (shown === undefined || shown === call.metadata['lease-id']) distort('reset', answer, resolve, reject);
    else resolve(writeAnswer(answer));
  }

  #fateOf(number: number, sentMs: number): Fate {
    const { seed, calmMs } = this.#world;
    const dice = new Dice(seed, this.#number, 3, number);
    const usual = smooth(dice);
    if (sentMs >= calmMs) return usual;
    const weather = this.#badWeather.find(({ fromMs, toMs }) => fromMs <= sentMs && sentMs < toMs);
    if (weather !== undefined && this.#world.happens(weather.key))
      return stormy(dice, weather, this.#latestMs);
    if (!dice.chance(this.#faultRate) || !this.#world.happens(`request ${this.#number}.${number}`))
      return usual;
    return unlucky(dice, this.#latestMs);
  }
}

/** Answers something else than the store did. */
function distort(
  instead: Exclude<Instead, 'mixed-up'>,
  answer: Answer | undefined,
  resolve: (answer: TransportAnswer) => void,
  reject: (error: Error) => void,
): void {
  switch (instead) {
    case 'reset':
      return reject(new TransportError('interrupted', 'the connection was reset'));
    case 'unsent':
      return reject(new TransportError('unsent', 'the connection was refused'));
    case 'no-token':
      return reject(new TransportError('unauthenticated', 'there is no token'));
    case 'error':
      return resolve(errorAnswer(503, 0));
    case 'busy':
      return resolve(errorAnswer(429, 0));
    case 'forbidden':
      return resolve(errorAnswer(403, 0));
    case 'cut': {
      const whole = answer === undefined ? '' : writeAnswer(answer).body;
      return resolve(answerOf(200, 0, whole.slice(0, -1) || '{'));
    }
    case 'page':
      return resolve(answerOf(200, 0, '<html>a page of somebody else</html>'));
    default:
      return instead satisfies never;
  }
}

function describe(call: Call, fate: Fate): string {
  const { method, metadata, name, ifGenerationMatch, ifMetagenerationMatch } = call;
  const guards = [ifGenerationMatch, ifMetagenerationMatch].filter((guard) => guard !== undefined);
  const condition = guards.length === 0 ? '' : ` if ${guards.join('/')}`;
  const { 'lease-id': leaseId, 'refresh-count': count } = metadata;
  const record = leaseId === undefined ? '' : ` of ${leaseId.slice(0, 4)} count ${count}`;
  const where = name === undefined ? '' : ` ${decodeURIComponent(name)}`;
  return `${method}${where}${condition}${record}${fate.fault === undefined ? '' : ` (${fate.fault})`}`;
}

function describeAnswer({ status, shown }: Answer): string {
  if (shown === undefined) return String(status);
  return `${status}, ${shown.generation}/${shown.metageneration} of ${shown.metadata['lease-id']?.slice(0, 4)}`;
}
