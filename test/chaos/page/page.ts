import { createHash } from 'node:crypto';
import type { ChaosHistory } from '../history.ts';
import { bundleClient } from './bundle.ts';
import { STYLE } from './style.ts';
import { timelineOf } from './timeline.ts';
import { escapeHtml, figures, laneTable, LEGEND, verdictOf } from './words.ts';

/** The names of what can be jumped to, as the page's script knows them. */
const KINDS: readonly (readonly [kind: string, name: string])[] = [
  ['fault', 'any fault'],
  ['killed', 'killed'],
  ['paused', 'paused'],
  ['blocked', 'event loop blocked'],
  ['partition', 'cut off'],
  ['outage', 'store out of reach'],
  ['clock', 'wall clock jumped'],
  ['lost', 'lease lost'],
  ['slow', 'slowest recovery'],
  ['late', 'late write'],
  ['update', 'lost update'],
  ['overlap', 'two at once'],
];

const BUTTONS: readonly (readonly [action: string, sign: string, name: string])[] = [
  ['out', '−', 'Zoom out'],
  ['in', '+', 'Zoom in'],
  ['left', '←', 'Earlier'],
  ['right', '→', 'Later'],
  ['all', 'Whole run', 'Show the whole run'],
];

/**
 * The record of a chaos run as one HTML page that needs nothing else: its script, its style and its data are inside,
 * and its policy lets it load nothing. Slow: the script is put together anew each time.
 */
export async function historyPage(history: Omit<ChaosHistory, 'format'>): Promise<string> {
  const timeline = timelineOf(history);
  const script = await bundleClient();
  // A `<` in the data could end the element that holds it.
  const data = JSON.stringify(timeline).replaceAll('<', String.raw`\u003c`);
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(STYLE)}'; base-uri 'none'; form-action 'none'`;
  const { facts } = history;
  const lanes = timeline.lanes.map(
    ({ name }, index) => `<li data-lane="${index}" title="${escapeHtml(name)}">${escapeHtml(name)}</li>`,
  );
  const buttons = BUTTONS.map(
    ([action, sign, name]) =>
      `<button type="button" data-action="${action}" aria-label="${name}">${sign}</button>`,
  );
  const kinds = KINDS.map(([kind, name]) => `<option value="${kind}">${name}</option>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chaos run on ${escapeHtml(facts.store)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Chaos run on ${escapeHtml(facts.store)}</h1>
<p class="faint">${escapeHtml(subtitle(history))}</p>
</header>
<main>
<section aria-label="Verdict">${verdictOf(history)}${figures(history)}</section>
<h2>Timeline</h2>
<div class="bar" role="toolbar" aria-label="Timeline">
<span class="group">${buttons.join('')}</span>
<span class="group"><label for="kind" class="hidden">Jump to</label><select id="kind">${kinds.join('')}</select>
<button type="button" data-action="previous" aria-label="Previous of this kind">‹</button>
<button type="button" data-action="next" aria-label="Next of this kind">›</button>
<span id="position" class="faint" role="status"></span></span>
</div>
<div class="timeline">
<ol aria-label="Lanes, one for each process">${lanes.join('')}</ol>
<div class="frame"><canvas id="picture" tabindex="0" role="application" aria-describedby="keys"
 aria-label="What each of ${timeline.lanes.length} processes did over ${Math.round(facts.durationMs / 1_000)} seconds, and how long recoveries took"></canvas></div>
</div>
<output id="details" aria-live="polite">Point at something, tap it, or jump to it: what it was stands here.</output>
<p id="keys" class="faint">Wheel or pinch to zoom, drag to move. Keys, when the timeline has the focus: <kbd>+</kbd> <kbd>−</kbd>
<kbd>←</kbd> <kbd>→</kbd>, <kbd>0</kbd> the whole run, <kbd>n</kbd> next, <kbd>p</kbd> previous.</p>
<ul class="legend" aria-label="Legend">${LEGEND}</ul>
<h2>Each process</h2>
<div class="scroll">${laneTable(timeline)}</div>
</main>
<div id="tip" role="tooltip" hidden></div>
<script type="application/json" id="timeline">${data}</script>
<script>${script}</script>
</body>
</html>
`;
}

function subtitle({ facts }: Pick<ChaosHistory, 'facts'>): string {
  const { workers, durationMs, ttlMs, seed, startedAt, commit = 'unknown', command } = facts;
  const minutes = (durationMs / 60_000).toFixed(1);
  return `${workers.length} processes on one lock for ${minutes} minutes, ttl ${ttlMs} ms, seed ${seed}, begun ${startedAt}, commit ${commit}: ${command}`;
}

/** By which a policy knows an inline script or style. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
