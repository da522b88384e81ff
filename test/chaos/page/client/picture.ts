import type { ScaleTime } from 'd3-scale';
import { drawMark, type Ink, markColour } from './ink.ts';
import { AXIS_HEIGHT, LANE_HEIGHT, PLOT_HEIGHT, TRACKS } from './layout.ts';
import { BAR_KINDS, clockText, firstIndex, type IndexedLane } from './lookup.ts';
import type { BarKind, Span, Timeline } from './timeline.ts';

/** What is drawn, and where the viewer is. */
export interface View {
  readonly timeline: Timeline;
  readonly lanes: readonly IndexedLane[];
  /** From a moment of the run, as a date, to CSS pixels. */
  readonly x: ScaleTime<number, number>;
  readonly width: number;
  readonly ink: Ink;
  /** What was chosen: a moment, and a lane where it is about one. */
  readonly chosen: { readonly atMs: number; readonly laneIndex: number | undefined } | undefined;
}

type Context = CanvasRenderingContext2D;

export const FONT = '12px system-ui, sans-serif';

/** The part of the run that is to be seen, and a little more. */
function seen({ x, width }: View): { readonly fromMs: number; readonly untilMs: number } {
  return { fromMs: x.invert(-20).getTime(), untilMs: x.invert(width + 20).getTime() };
}

export function drawLanes(context: Context, view: View): void {
  const { timeline, lanes, ink, width } = view;
  const bottom = AXIS_HEIGHT + lanes.length * LANE_HEIGHT;
  for (const span of timeline.outages) drawSpan(context, view, span, ink.hatches.outage, bottom);
  drawAxis(context, view, bottom);
  for (const [index, lane] of lanes.entries()) {
    const top = AXIS_HEIGHT + index * LANE_HEIGHT;
    context.fillStyle = ink.line;
    context.fillRect(0, top + LANE_HEIGHT - 0.5, width, 1);
    for (const kind of BAR_KINDS) drawBars(context, view, lane, kind, top);
    drawMarks(context, view, lane, top);
  }
  context.globalAlpha = 0.55;
  for (const span of timeline.overlaps) drawSpan(context, view, span, ink.bad, bottom);
  context.globalAlpha = 1;
}

function drawAxis(context: Context, { x, width, ink }: View, bottom: number): void {
  const ticks = x.ticks(Math.max(2, Math.floor(width / 110)));
  const [first, second] = ticks;
  const stepMs = first !== undefined && second !== undefined ? second.getTime() - first.getTime() : 1_000;
  const digits = stepMs >= 1_000 ? 0 : stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3;
  context.font = FONT;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  let writtenTo = -Infinity;
  for (const tick of ticks) {
    const at = x(tick);
    context.fillStyle = ink.line;
    context.fillRect(at, AXIS_HEIGHT - 5, 1, bottom + PLOT_HEIGHT - AXIS_HEIGHT + 5);
    const text = clockText(tick.getTime(), digits);
    const half = context.measureText(text).width / 2;
    const middle = Math.min(Math.max(at, half + 1), width - half - 1);
    if (middle - half < writtenTo + 8) continue;
    context.fillStyle = ink.faint;
    context.fillText(text, middle, AXIS_HEIGHT / 2 - 1);
    writtenTo = middle + half;
  }
}

function drawSpan(
  context: Context,
  view: View,
  [fromMs, untilMs]: Span,
  fill: string | CanvasPattern,
  bottom: number,
): void {
  const left = Math.max(-1, view.x(fromMs));
  const right = Math.min(view.width + 1, view.x(untilMs));
  if (right < 0 || left > view.width) return;
  context.fillStyle = fill;
  context.fillRect(left, AXIS_HEIGHT, Math.max(1.5, right - left), bottom - AXIS_HEIGHT);
}

/** The bars of one kind. Where many lie in one pixel, one is drawn for all of them. */
function drawBars(context: Context, view: View, lane: IndexedLane, kind: BarKind, top: number): void {
  const { x, width } = view;
  const { fromMs, untilMs } = seen(view);
  const bars = lane.bars[kind];
  let drawnTo = -Infinity;
  for (let index = firstIndex(bars, (bar) => bar[2] >= fromMs); index < bars.length; index += 1) {
    const bar = bars[index];
    if (bar === undefined || bar[1] > untilMs) return;
    const right = Math.min(width + 1, Math.max(x(bar[2]), x(bar[1]) + 1));
    if (right <= drawnTo + 0.5) continue;
    const left = Math.max(-1, x(bar[1]), drawnTo);
    drawBar(context, view.ink, kind, left, right - left, top);
    drawnTo = right;
  }
}

export function drawBar(
  context: Context,
  ink: Ink,
  kind: BarKind,
  left: number,
  width: number,
  top: number,
): void {
  const state = top + TRACKS.state.top;
  const { height } = TRACKS.state;
  switch (kind) {
    case 'believing':
      context.fillStyle = ink.believing;
      return context.fillRect(left, state, width, height);
    case 'waiting':
      context.fillStyle = ink.waiting;
      return context.fillRect(left, state + height / 2 - 1.5, width, 3);
    case 'dead':
      context.fillStyle = ink.dead;
      return context.fillRect(left, state + 3, width, height - 6);
    case 'partition':
      context.fillStyle = ink.partition;
      return context.fillRect(left, top + TRACKS.partition.top, width, TRACKS.partition.height);
    case 'paused':
    case 'blocked':
      // Too narrow for a hatch: only its upper part, so that what lies below can be seen.
      if (width < 4) {
        context.fillStyle = ink[kind];
        return context.fillRect(left, state - 2, width, 5);
      }
      context.fillStyle = ink.hatches[kind];
      context.fillRect(left, state - 2, width, height + 4);
      context.strokeStyle = ink[kind];
      context.lineWidth = 1;
      return context.strokeRect(left + 0.5, state - 1.5, width - 1, height + 3);
    default:
      return kind satisfies never;
  }
}

/** Signs where there is room for them, and small strokes where they lie too near to one another. */
function drawMarks(context: Context, view: View, lane: IndexedLane, top: number): void {
  const { fromMs, untilMs } = seen(view);
  const y = top + TRACKS.marks.top + TRACKS.marks.height / 2;
  let drawnTo = -Infinity;
  let strokeAt = -Infinity;
  context.lineWidth = 1.5;
  for (
    let index = firstIndex(lane.marks, (mark) => mark[1] >= fromMs);
    index < lane.marks.length;
    index += 1
  ) {
    const mark = lane.marks[index];
    if (mark === undefined || mark[1] > untilMs) return;
    const at = view.x(mark[1]);
    const following = lane.marks[index + 1];
    const hasRoom = at - drawnTo > 10 && (following === undefined || view.x(following[1]) - at > 10);
    const colour = markColour(view.ink, mark[0]);
    if (hasRoom) {
      context.strokeStyle = colour;
      drawMark(context, mark[0], at, y);
    } else if (at - strokeAt >= 1) {
      context.fillStyle = colour;
      context.fillRect(at - 0.5, y - 3, 1, 6);
      strokeAt = at;
    }
    drawnTo = at;
  }
}

/** A line through everything at the chosen moment, and a frame around its lane. */
export function drawChosen(context: Context, { chosen, x, width, ink, lanes }: View): void {
  if (chosen === undefined) return;
  context.fillStyle = ink.cursor;
  const bottom = AXIS_HEIGHT + lanes.length * LANE_HEIGHT;
  context.fillRect(x(chosen.atMs) - 0.75, AXIS_HEIGHT - 6, 1.5, bottom - AXIS_HEIGHT + 6);
  if (chosen.laneIndex === undefined || chosen.laneIndex < 0) return;
  context.strokeStyle = ink.cursor;
  context.lineWidth = 1.5;
  const top = AXIS_HEIGHT + chosen.laneIndex * LANE_HEIGHT;
  context.strokeRect(1, top + 1, width - 2, LANE_HEIGHT - 2);
}
