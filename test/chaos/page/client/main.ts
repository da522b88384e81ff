import { Explorer } from './explorer.ts';
import { connectControls } from './controls.ts';
import { drawLegend } from './legend.ts';
import type { Timeline } from './timeline.ts';

const timeline: Timeline = JSON.parse(document.querySelector('#timeline')?.textContent ?? '');
const explorer = new Explorer(timeline);
connectControls(explorer, timeline);
drawLegend();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  explorer.repaint();
  drawLegend();
});
