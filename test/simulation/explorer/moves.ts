import { editedByStranger, execute, isDead } from './bucket.ts';
import type { Applied, MoveKind, Noted, Take } from './move.ts';
import { busyAnswer, noAnswer, type Outcome, type Request } from './request.ts';
import type { FaultKind, Setup } from './setup.ts';
import { isAlarmDue, isGuardDue, isPauseOver, later, mayPass } from './time.ts';
import { isUnseenDoubt, Turn } from './turn.ts';
import {
  changed,
  type Client,
  type Gap,
  isActive,
  type Pending,
  type Run,
  runAt,
  type Stored,
  type Stray,
  withPending,
  type World,
} from './world.ts';

type Call = Pending & { readonly kind: 'call' };

/** The highest fencing counter that a turn was granted; 0 for none. */
function tokenOf(noted: readonly Noted[]): number {
  let highest = 0;
  for (const each of noted)
    if (each.kind === 'granted') highest = Math.max(highest, Number(each.counter ?? 0));
  return highest;
}

/** One order for the same requests, so that the same worlds have the same moves in the same order. */
function byName({ request: one }: Stray, { request: other }: Stray): number {
  if (one.leaseId !== other.leaseId) return one.leaseId < other.leaseId ? -1 : 1;
  return one.request === other.request ? one.copy - other.copy : one.request - other.request;
}

const NOTHING_NOTED: readonly Noted[] = [];

/** All moves from one world. */
export class Moves {
  readonly #setup: Setup;
  readonly #world: World;
  readonly #canFail: boolean;
  readonly #take: Take;

  /** @param canFail - whether there may be another fault. */
  constructor(setup: Setup, world: World, canFail: boolean, take: Take) {
    this.#setup = setup;
    this.#world = world;
    this.#canFail = canFail;
    this.#take = take;
  }

  all(): void {
    if (this.#goesOnAlone()) return;
    for (const client of this.#world.clients) {
      if (client.gap === undefined) this.#ofAwake(client);
      else this.#ofGap(client);
    }
    this.#ofStrays();
    const { object, nowMs } = this.#world;
    if (object !== undefined && this.#may('edit')) {
      const edited = editedByStranger(object, nowMs);
      this.#give('edit', -1, 0, 1, {
        ...this.#world,
        object: edited,
        strays: this.#living(this.#world.strays, edited),
      });
    }
    if (mayPass(this.#setup, this.#world)) this.#give('time', -1, 0, 0, later(this.#setup, this.#world));
  }

  /**
   * Where a pause of a client is over that holds nothing, its going on is the only move that is looked at: it reads
   * and changes nothing but this client, so that whatever others do can as well be done after it; and a fault that
   * hits this client now would have had the same effect at the end of the tick before.
   */
  #goesOnAlone(): boolean {
    for (const client of this.#world.clients) {
      if (client.gap !== undefined) continue;
      for (let slot = 0; slot <= client.settling.length; slot++) {
        const run = runAt(client, slot);
        if (run === undefined || run.role === 'hold' || !isPauseOver(client, run.pending)) continue;
        this.#turn('pause-over', client, slot, 0, (turn) => turn.tick(slot));
        return true;
      }
    }
    return false;
  }

  #may(kind: FaultKind): boolean {
    return this.#canFail && this.#setup.allowed.has(kind);
  }

  #ofAwake(client: Client): void {
    const { main, index } = client;
    if (main === undefined) {
      if (this.#mayStart(client)) this.#turn('start', client, 0, 0, (turn) => turn.acquire());
    } else {
      this.#ofUser(client, main);
      this.#ofRun(client, main, 0);
    }
    for (const [at, run] of client.settling.entries()) this.#ofRun(client, run, at + 1);
    if (!this.#canFail || !isActive(client)) return;
    if (this.#may('crash')) this.#turn('crash', client, 0, 1, (turn) => turn.crash());
    const { object } = this.#world;
    for (const kind of ['stop', 'sleep', 'nap', 'doze', 'freeze'] as const) {
      if (!this.#may(kind)) continue;
      const ticksLeft = this.#longest(kind);
      this.#give(kind, index, 0, 1, this.#with(changed(client, { gap: { kind, ticksLeft } }), object));
    }
  }

  #mayStart({ index, acquisitionsLeft }: Client): boolean {
    if (acquisitionsLeft === 0) return false;
    // Clients that are alike start in order: any other order is the same history under other names.
    const isNext = (this.#world.clients[index - 1]?.leaseCount ?? 1) > 0;
    return isNext || this.#setup.clients[index]?.isLikeBefore !== true;
  }

  #ofUser(client: Client, main: Run): void {
    if (main.role === 'hold' || main.role === 'lost') this.#turn('end', client, 0, 0, (turn) => turn.end());
    if (main.role === 'lost') this.#turn('forget', client, 0, 0, (turn) => turn.forget());
    if (main.role === 'acquire' && this.#may('abort'))
      this.#turn('abort', client, 0, 1, (turn) => turn.abort());
    if (main.role !== 'lost' && this.#may('resumed'))
      this.#turn('resumed', client, 0, 1, (turn) => turn.resumed());
    if (main.role !== 'hold') return;
    if (isUnseenDoubt(main.state, client.at)) this.#turn('look', client, 0, 0, (turn) => turn.tick(0));
  }

  #ofRun(client: Client, run: Run, slot: number): void {
    const { pending } = run;
    if (isPauseOver(client, pending)) this.#turn('pause-over', client, slot, 0, (turn) => turn.tick(slot));
    if (isGuardDue(client, run)) this.#turn('guard', client, slot, 0, (turn) => turn.tick(slot));
    if (isAlarmDue(client, run) && run.role !== 'hold') {
      this.#turn('alarm', client, slot, 0, (turn) => turn.alarm(slot));
    }
    if (pending.kind !== 'call') return;
    if (client.at.monotonicMs >= pending.limitAtMs) {
      this.#turn('limit', client, slot, 0, (turn) => turn.loseAnswer(slot, false));
    }
    const { answer } = pending;
    if (answer === undefined) return this.#ofCall(client, pending, slot);
    this.#turn('hear', client, slot, 0, (turn) => turn.hear(slot, answer));
  }

  /** A request on its way, whose sender is awake and waits for the answer. */
  #ofCall(client: Client, pending: Call, slot: number): void {
    const { request } = pending;
    this.#deliver('deliver', client, slot, request, 0, (turn, answer) => turn.hear(slot, answer));
    if (!this.#canFail) return;
    if (this.#may('late')) {
      this.#deliverSilently('deliver-slowly', client, pending, slot, 1);
      if (!pending.isLate) this.#delay(client, pending, slot);
    }
    const isWrite = request.method !== 'get';
    if (this.#may('reset')) {
      this.#turn('reset', client, slot, 1, (turn) => turn.loseAnswer(slot, true));
      if (isWrite) {
        this.#deliver('deliver-unheard', client, slot, request, 1, (turn) =>
          turn.hear(slot, noAnswer(request)),
        );
      }
    }
    if (isWrite && this.#may('busy')) {
      this.#turn('deliver-busy', client, slot, 1, (turn) => turn.hear(slot, busyAnswer(request)));
    }
    if (!isWrite || request.copy !== 0 || !this.#may('duplicate')) return;
    const copy: Stray = { request: { ...request, copy: 1 }, isLate: true };
    const { object } = this.#execute(request);
    if (isDead(object, copy.request)) return;
    this.#deliver('deliver-twice', client, slot, request, 1, (turn, answer) => {
      turn.strays.push(copy);
      turn.hear(slot, answer);
    });
  }

  /** How many ticks a gap may last. */
  #longest(kind: Gap['kind']): number {
    return kind === 'nap' || kind === 'doze' ? 1 : this.#setup.config.gapTicks;
  }

  #ofGap(client: Client): void {
    const { gap } = client;
    if (gap === undefined) return;
    if (gap.ticksLeft < this.#longest(gap.kind)) this.#turn('wake', client, 0, 0, (turn) => turn.wake());
    for (let slot = 0; slot <= client.settling.length; slot++) {
      const pending = runAt(client, slot)?.pending;
      if (pending?.kind !== 'call' || pending.answer !== undefined) continue;
      this.#deliverSilently('deliver-slowly', client, pending, slot, 0);
      if (!pending.isLate && this.#may('late')) this.#delay(client, pending, slot);
    }
  }

  #ofStrays(): void {
    const { strays } = this.#world;
    for (const [at, stray] of strays.entries()) {
      const rest = strays.toSpliced(at, 1);
      const { request } = stray;
      const { object, isApplied } = this.#execute(request);
      const applied = isApplied ? { request, before: this.#world.object } : undefined;
      const next = { ...this.#world, object, strays: this.#living(rest, object) };
      this.#give('deliver-stray', request.client, at, 0, next, applied);
      if (stray.isLate || !this.#may('late')) continue;
      const late = strays.with(at, { request, isLate: true });
      this.#give('delay-stray', request.client, at, 1, { ...this.#world, strays: late });
    }
  }

  #delay(client: Client, pending: Call, slot: number): void {
    const next = this.#with(withPending(client, slot, { ...pending, isLate: true }), this.#world.object);
    this.#give('delay', client.index, slot, 1, next);
  }

  /** The request arrives, and its answer is not heard yet. */
  #deliverSilently(kind: MoveKind, client: Client, pending: Call, slot: number, cost: 0 | 1): void {
    const { request } = pending;
    const { object, answer, isApplied } = this.#execute(request);
    const applied = isApplied ? { request, before: this.#world.object } : undefined;
    const next = this.#with(withPending(client, slot, { ...pending, answer }), object);
    this.#give(kind, client.index, slot, cost, next, applied);
  }

  /** The request arrives, and its sender hears something at once. */
  #deliver(
    kind: MoveKind,
    client: Client,
    slot: number,
    request: Request,
    cost: 0 | 1,
    hear: (turn: Turn, answer: Outcome) => void,
  ): void {
    const { object, answer, isApplied } = this.#execute(request);
    const turn = new Turn(this.#setup, client);
    hear(turn, answer);
    const applied = isApplied ? { request, before: this.#world.object } : undefined;
    const next = this.#with(turn.client, object, turn);
    this.#take({ kind, client: client.index, slot }, next, cost, turn.noted, applied);
  }

  #execute(request: Request): ReturnType<typeof execute> {
    const { object, nowMs } = this.#world;
    return execute(object, request, nowMs, this.#setup.config.dateSkewMs);
  }

  #turn(kind: MoveKind, client: Client, slot: number, cost: 0 | 1, act: (turn: Turn) => void): void {
    const turn = new Turn(this.#setup, client);
    act(turn);
    const next = this.#with(turn.client, this.#world.object, turn);
    this.#take({ kind, client: client.index, slot }, next, cost, turn.noted, undefined);
  }

  #give(kind: MoveKind, client: number, slot: number, cost: 0 | 1, next: World, applied?: Applied): void {
    this.#take({ kind, client, slot }, next, cost, NOTHING_NOTED, applied);
  }

  /** The world with another client, another object, and what a turn left behind. */
  #with(client: Client, object: Stored | undefined, turn?: Turn): World {
    const { nowMs, clients, strays, highestToken } = this.#world;
    const all =
      turn === undefined || turn.strays.length === 0 ? strays : [...strays, ...turn.strays].toSorted(byName);
    return {
      nowMs,
      object,
      clients: clients.with(client.index, client),
      strays: this.#living(all, object),
      highestToken: turn === undefined ? highestToken : Math.max(highestToken, tokenOf(turn.noted)),
    };
  }

  /** Without the requests that cannot do anything any more. */
  #living(strays: readonly Stray[], object: Stored | undefined): readonly Stray[] {
    return strays.length === 0 ? strays : strays.filter(({ request }) => !isDead(object, request));
  }
}
