import { drawMark, markColour, readInk } from './ink.ts';
import { drawBar } from './picture.ts';
import type { BarKind, MarkKind } from './timeline.ts';

/** Draws the samples of the legend as the picture draws the things themselves. */
export function drawLegend(): void {
  const ink = readInk();
  for (const canvas of document.querySelectorAll<HTMLCanvasElement>('canvas[data-sample]')) {
    const context = canvas.getContext('2d');
    if (context === null) continue;
    const [width, height] = [34, 24];
    canvas.width = width * devicePixelRatio;
    canvas.height = height * devicePixelRatio;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const { sample = '', kind = '' } = canvas.dataset;
    if (sample === 'bar') {
      // Its track within a lane, in the middle of the sample.
      const top = kind === 'partition' ? 6 : -7;
      drawBar(context, ink, kind as BarKind, 2, width - 4, top);
    } else if (sample === 'mark') {
      context.lineWidth = 1.5;
      context.strokeStyle = markColour(ink, kind as MarkKind);
      drawMark(context, kind as MarkKind, width / 2, height / 2);
    } else {
      context.fillStyle = sample === 'overlap' ? ink.bad : ink.hatches.outage;
      context.globalAlpha = sample === 'overlap' ? 0.55 : 1;
      context.fillRect(2, 2, width - 4, height - 4);
    }
  }
}
