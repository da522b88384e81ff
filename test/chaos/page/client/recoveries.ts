import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { drawMark } from './ink.ts';
import { AXIS_HEIGHT, LANE_HEIGHT, PLOT_HEIGHT, PLOT_TOP } from './layout.ts';
import { FONT, type View } from './picture.ts';
import type { Recovery } from './timeline.ts';

/** From a recovery time to CSS pixels. */
export function recoveryScale({
  timeline,
  lanes,
}: Pick<View, 'timeline' | 'lanes'>): ScaleLinear<number, number> {
  const longest = timeline.recoveries.reduce((most, [, tookMs]) => Math.max(most, tookMs), 1_000);
  const top = AXIS_HEIGHT + lanes.length * LANE_HEIGHT;
  return scaleLinear(
    [0, 1.1 * Math.max(longest, timeline.boundMs ?? 0)],
    [top + PLOT_HEIGHT - 8, top + PLOT_TOP],
  );
}

/** How long it took after each fault until the lock was held again, below the lanes and at the same times. */
export function drawRecoveries(context: CanvasRenderingContext2D, view: View): void {
  const { timeline, lanes, ink, width, x } = view;
  const { boundMs } = timeline;
  const y = recoveryScale(view);
  context.font = `600 ${FONT}`;
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  context.fillStyle = ink.text;
  const title = 'Recovery: from the fault to the next lease';
  context.fillText(title, 0, AXIS_HEIGHT + lanes.length * LANE_HEIGHT + 24, width);
  context.font = FONT;
  for (const tick of y.ticks(5)) {
    context.fillStyle = ink.line;
    context.fillRect(0, y(tick), width, 1);
  }
  for (const recovery of timeline.recoveries) {
    const at = x(recovery[0]);
    if (at >= -6 && at <= width + 6) drawRecovery(context, view, recovery, at, y(recovery[1]));
  }
  if (boundMs !== undefined) {
    context.strokeStyle = ink.bad;
    context.lineWidth = 1.5;
    context.setLineDash([7, 4]);
    context.beginPath();
    context.moveTo(0, y(boundMs));
    context.lineTo(width, y(boundMs));
    context.stroke();
    context.setLineDash([]);
    label(context, view, `bound ${seconds(boundMs)}`, width - 4, y(boundMs) - 4, 'right');
  }
  for (const tick of y.ticks(5)) label(context, view, seconds(tick), 2, y(tick) - 3, 'left');
}

function drawRecovery(
  context: CanvasRenderingContext2D,
  { timeline, ink }: View,
  [, tookMs, cause, counts]: Recovery,
  at: number,
  height: number,
): void {
  const isBeyond = counts && tookMs > (timeline.boundMs ?? Infinity);
  context.strokeStyle = isBeyond ? ink.bad : cause === 'killed' ? ink.believing : ink[cause];
  context.globalAlpha = counts ? 1 : 0.45;
  context.lineWidth = 1.5;
  drawMark(context, cause, at, height);
  context.globalAlpha = 1;
}

/** Text that can be read whatever lies below it. */
function label(
  context: CanvasRenderingContext2D,
  { ink }: View,
  text: string,
  x: number,
  y: number,
  align: CanvasTextAlign,
): void {
  context.textAlign = align;
  context.lineWidth = 4;
  context.lineJoin = 'round';
  context.strokeStyle = ink.page;
  context.strokeText(text, x, y);
  context.fillStyle = ink.faint;
  context.fillText(text, x, y);
}

function seconds(ms: number): string {
  return `${Number((ms / 1_000).toFixed(2))} s`;
}
