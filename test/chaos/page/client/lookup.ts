import type { Bar, BarKind, Lane, Mark, MarkKind, Timeline } from './timeline.ts';

export const BAR_KINDS = ['dead', 'waiting', 'believing', 'partition', 'paused', 'blocked'] as const;

/** A lane whose bars can be looked up: those of one kind never overlap. */
export interface IndexedLane {
  readonly name: string;
  readonly bars: Readonly<Record<BarKind, readonly Bar[]>>;
  readonly marks: readonly Mark[];
}

export function indexLane({ name, bars, marks }: Lane): IndexedLane {
  const ofKind = (kind: BarKind): readonly Bar[] => bars.filter(([own]) => own === kind);
  return {
    name,
    marks,
    bars: {
      dead: ofKind('dead'),
      waiting: ofKind('waiting'),
      believing: ofKind('believing'),
      partition: ofKind('partition'),
      paused: ofKind('paused'),
      blocked: ofKind('blocked'),
    },
  };
}

/** The first index from which on something holds; the length where it never does. */
export function firstIndex<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && holds(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The bar of each kind that lies over a time, give or take a little. */
export function barsAt(lane: IndexedLane, atMs: number, toleranceMs: number): readonly Bar[] {
  return BAR_KINDS.flatMap((kind) => {
    const bars = lane.bars[kind];
    const bar = bars[firstIndex(bars, ([, , untilMs]) => untilMs >= atMs - toleranceMs)];
    return bar !== undefined && bar[1] <= atMs + toleranceMs ? [bar] : [];
  });
}

/** The mark that is nearest to a time, if one is near. */
export function markAt(lane: IndexedLane, atMs: number, toleranceMs: number): Mark | undefined {
  const next = firstIndex(lane.marks, ([, markMs]) => markMs >= atMs);
  return [lane.marks[next - 1], lane.marks[next]]
    .filter((mark) => mark !== undefined)
    .filter(([, markMs]) => Math.abs(markMs - atMs) <= toleranceMs)
    .toSorted((one, other) => Math.abs(one[1] - atMs) - Math.abs(other[1] - atMs))
    .at(0);
}

/** Something that can be jumped to. */
export interface Stop {
  readonly atMs: number;
  /** Undefined for what concerns all lanes. */
  readonly laneIndex: number | undefined;
  readonly text: string;
}

const FAULTS: ReadonlySet<MarkKind> = new Set(['killed', 'paused', 'blocked', 'partition', 'clock']);

/** Everything of one kind, in order of time. `fault` is every fault, `slow` every recovery, the longest first. */
export function stopsOf(timeline: Timeline, kind: string): readonly Stop[] {
  const { lanes, outages, overlaps, recoveries } = timeline;
  const marks = lanes.flatMap((lane, laneIndex) =>
    lane.marks
      .filter(([own]) => own === kind || (kind === 'fault' && FAULTS.has(own)))
      .map(([, atMs, incarnation, text]) => ({ atMs, laneIndex, text: ofProcess(text, incarnation) })),
  );
  const spans = kind === 'outage' || kind === 'fault' ? outages : kind === 'overlap' ? overlaps : [];
  const all: Stop[] = [...marks, ...spans.map(([atMs, , text]) => ({ atMs, laneIndex: undefined, text }))];
  if (kind === 'slow') {
    const slowest = recoveries.toSorted((one, other) => other[1] - one[1]);
    return slowest.map(([atMs, tookMs, cause, counts, worker]) => ({
      atMs,
      laneIndex: lanes.findIndex(({ name }) => name === worker),
      text: recoveryText(tookMs, cause, counts),
    }));
  }
  return all.toSorted((one, other) => one.atMs - other.atMs);
}

export function ofProcess(text: string, incarnation: number): string {
  return incarnation === 0 ? text : `${text}, process ${incarnation}`;
}

export function recoveryText(tookMs: number, cause: string, counts: boolean): string {
  const tail = counts ? '' : '; not counted, the store was out of reach';
  return `held again ${(tookMs / 1_000).toFixed(2)} s after its holder was struck (${cause})${tail}`;
}

/** A moment of the run, as minutes, seconds and parts of them. */
export function clockText(ms: number, digits = 3): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = (ms - minutes * 60_000) / 1_000;
  return `${minutes}:${seconds.toFixed(digits).padStart(digits > 0 ? digits + 3 : 2, '0')}`;
}
