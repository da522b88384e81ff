import { AXIS_HEIGHT, LANE_HEIGHT, PLOT_HEIGHT } from './client/layout.ts';

/**
 * The colours are those of Okabe and Ito, which the colour-blind can tell apart, brightened for the dark; and nothing
 * is told by its colour alone.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f3f4f6; --text: #16191d; --faint: #4b5563; --line: #e2e5ea;
  --believing: #0072b2; --waiting: #d18b00; --paused: #a8447f; --blocked: #c24a00; --dead: #c3c8d0;
  --partition: #00805c; --outage: #efdf9a; --bad: #c00020; --good: #00664a; --cursor: #16191d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --panel: #1f242c; --text: #eceff3; --faint: #a9b2bf; --line: #2c333d;
    --believing: #56b4e9; --waiting: #e69f00; --paused: #e58cbf; --blocked: #ff8a4c; --dead: #3f4753;
    --partition: #2fc495; --outage: #57501f; --bad: #ff6b7d; --good: #4fd1a5; --cursor: #ffffff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem clamp(0.6rem, 2vw, 2rem) 3rem; background: var(--page); color: var(--text);
  font: 15px/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 0.4rem; }
p { margin: 0.3rem 0; }
.faint { color: var(--faint); }
.verdict { font-size: 1.1rem; font-weight: 650; margin: 0.7rem 0; }
.verdict.good { color: var(--good); }
.verdict.bad { color: var(--bad); }
ul.wrong { color: var(--bad); margin: 0.3rem 0; padding-left: 1.2rem; }
dl.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.4rem, 1fr)); gap: 0.5rem; margin: 0.8rem 0; }
dl.figures div { background: var(--panel); border-radius: 6px; padding: 0.4rem 0.6rem; display: flex;
  flex-direction: column; justify-content: space-between; }
dl.figures dt { color: var(--faint); font-size: 0.82rem; }
dl.figures dd { margin: 0; font-size: 1.15rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.bar { display: flex; flex-wrap: wrap; gap: 0.4rem 0.5rem; align-items: center; padding: 0.5rem 0;
  position: sticky; top: 0; background: var(--page); z-index: 1; }
.bar .group { display: flex; gap: 0.3rem; align-items: center; }
button, select { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--faint);
  border-radius: 6px; min-height: 2.2rem; min-width: 2.2rem; padding: 0 0.6rem; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--believing); outline-offset: 2px; }
#position { min-width: 5.5em; font-variant-numeric: tabular-nums; }
.timeline { display: grid; grid-template-columns: minmax(3.6rem, max-content) minmax(0, 1fr); column-gap: 0.5rem; }
.timeline ol { list-style: none; margin: 0; padding: ${AXIS_HEIGHT}px 0 ${PLOT_HEIGHT}px; max-width: 9rem; }
.timeline li { height: ${LANE_HEIGHT}px; display: flex; align-items: center; font-size: 0.85rem; line-height: 1.1;
  border-bottom: 1px solid var(--line); }
.frame { position: relative; min-width: 0; }
canvas#picture { display: block; width: 100%; cursor: crosshair; touch-action: pan-y; }
#details { display: block; white-space: pre-line; background: var(--panel); border-radius: 6px; padding: 0.5rem 0.7rem;
  min-height: 4.6rem; margin: 0.5rem 0; }
#tip { position: fixed; z-index: 2; max-width: min(34rem, 90vw); white-space: pre-line; pointer-events: none;
  background: var(--panel); border: 1px solid var(--faint); border-radius: 6px; padding: 0.35rem 0.6rem; font-size: 0.85rem; }
ul.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.15rem 1rem; margin: 0.5rem 0; padding: 0; font-size: 0.88rem; }
ul.legend li { display: flex; align-items: center; gap: 0.35rem; }
ul.legend canvas { width: 34px; height: 24px; flex: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.2rem 0.7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
kbd { border: 1px solid var(--faint); border-radius: 4px; padding: 0 0.3em; font-size: 0.85em; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 34rem) {
  body { font-size: 14px; }
  .timeline { column-gap: 0.3rem; }
  .timeline li { font-size: 0.75rem; }
  .timeline ol { max-width: 4.6rem; }
}
`;
