/** One call that changes a document, by whomever. */
export interface ChangeCall {
  /** The ids of its writes begin so; empty before it is known. */
  idPrefix: string;
  readonly what: string;
  readonly beganMs: number;
  /** When its caller heard of its end, and whether it ended well; Infinity while it goes on. */
  endedMs: number;
  isOk: boolean;
}

/** A write that the store has carried out. */
interface Write {
  readonly id: string;
  readonly atMs: number;
}

/** Two ways to compute one moment may differ by this. */
const ROUNDING_MS = 1e-3;

/** How much of the ids of its writes is a call's own. */
const PREFIX_LENGTH = 28;

/** Remembers which changes of one document were called for and which were made, in real time. */
export class Changes {
  readonly #calls: ChangeCall[] = [];
  readonly #writes: Write[] = [];

  get writeCount(): number {
    return this.#writes.length;
  }

  begin(what: string, nowMs: number): ChangeCall {
    const call = { idPrefix: '', what, beganMs: nowMs, endedMs: Infinity, isOk: false };
    this.#calls.push(call);
    return call;
  }

  end(call: ChangeCall, nowMs: number, isOk: boolean): void {
    call.endedMs = nowMs;
    call.isOk = isOk;
  }

  /** @param writes - the ids of the latest writes, as the document keeps them: its own first. */
  onWrite(writes: string | undefined, atMs: number): void {
    const [id = ''] = (writes ?? '').split(' ');
    this.#writes.push({ id, atMs });
  }

  /**
   * What went wrong: a change that was made twice, late, or not at all, or that undid a newer one.
   *
   * @param mustApply - whether a call that ended well without a write of its own is wrong.
   */
  verdict(mustApply: boolean): readonly string[] {
    const violations: string[] = [];
    const add = (nowMs: number, what: string): void =>
      void violations.push(`${nowMs.toFixed(3)} ms: ${what}`);
    const known = this.#calls.filter(({ idPrefix }) => idPrefix !== '');
    const applied = known.map((call) => ({ call, at: this.#indicesOf(call) }));
    for (const { call, at } of applied) {
      const [first, second] = at.map((index) => this.#writes[index]?.atMs ?? Number.NaN);
      if (second !== undefined) add(second, `${call.what} was applied twice`);
      if (mustApply && call.isOk && first === undefined)
        add(call.endedMs, `${call.what} was not applied, and ended well`);
      if (call.isOk && first !== undefined && first > call.endedMs + ROUNDING_MS)
        add(first, `${call.what} was applied after it had ended well`);
    }
    for (const later of applied.filter(({ call }) => call.isOk)) this.#judgeOrder(later, applied, add);
    return violations;
  }

  /** Whatever had ended before a call began, however it ended, is not applied after it. */
  #judgeOrder(
    { call, at }: { readonly call: ChangeCall; readonly at: readonly number[] },
    others: readonly { readonly call: ChangeCall; readonly at: readonly number[] }[],
    add: (nowMs: number, what: string) => void,
  ): void {
    // One that wrote nothing has its place where it ended.
    const own = at[0] ?? this.#writes.findLastIndex(({ atMs }) => atMs <= call.endedMs);
    for (const other of others) {
      const late = other.at.find((index) => index > own);
      if (late === undefined || other.call.endedMs > call.beganMs - ROUNDING_MS) continue;
      const { atMs = Number.NaN } = this.#writes[late] ?? {};
      add(atMs, `${other.call.what}, which had ended before, undid ${call.what}`);
    }
  }

  #indicesOf({ idPrefix }: ChangeCall): number[] {
    return this.#writes.flatMap(({ id }, index) =>
      id.slice(0, PREFIX_LENGTH) === idPrefix.slice(0, PREFIX_LENGTH) ? [index] : [],
    );
  }
}
