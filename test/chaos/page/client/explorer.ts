import { scaleUtc } from 'd3-scale';
import { select } from 'd3-selection';
import { zoom, zoomIdentity, type ZoomTransform } from 'd3-zoom';
import { readInk } from './ink.ts';
import { AXIS_HEIGHT, LANE_HEIGHT, pictureHeight } from './layout.ts';
import { barsAt, clockText, indexLane, markAt, ofProcess, recoveryText, type Stop } from './lookup.ts';
import { drawChosen, drawLanes, type View } from './picture.ts';
import { drawRecoveries, recoveryScale } from './recoveries.ts';
import type { Timeline } from './timeline.ts';

/** What the whole width shows at the nearest, and what a jump shows at the most. */
const NEAREST_MS = 20;
const JUMP_MS = 30_000;
/** How near a pointer must be, in CSS pixels: a finger covers more than that. */
const REACH = 8;

const canvas = need('#picture', HTMLCanvasElement);
const tip = need('#tip', HTMLElement);
const details = need('#details', HTMLElement);

/** What a pointer is over: a sentence a thing. */
interface Found {
  readonly chosen: NonNullable<View['chosen']>;
  readonly lines: readonly string[];
}

/** The picture of a run, which can be zoomed, moved and asked. */
export class Explorer {
  readonly #timeline: Timeline;
  readonly #lanes: View['lanes'];
  readonly #zoomer = zoom<HTMLCanvasElement, unknown>();
  #transform: ZoomTransform = zoomIdentity;
  #ink = readInk();
  #width = 1;
  #chosen: View['chosen'];
  #isDue = false;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.#lanes = timeline.lanes.map((lane) => indexLane(lane));
    this.#zoomer
      .duration(0)
      // A wheel that is moved sideways moves the picture, see below. Fingers have no button.
      .filter((event: MouseEvent) => !(event instanceof WheelEvent && isSideways(event)) && !event.button)
      .on('zoom', ({ transform }: { readonly transform: ZoomTransform }) => {
        this.#transform = transform;
        this.repaint();
      });
    select(canvas).call(this.#zoomer);
    canvas.addEventListener('wheel', (event) => {
      if (!isSideways(event)) return;
      event.preventDefault();
      this.move(-(event.deltaX || event.deltaY) / this.#width);
    });
    canvas.addEventListener('pointermove', (event) => this.#hover(event));
    canvas.addEventListener('pointerleave', () => void (tip.hidden = true));
    canvas.addEventListener('click', (event) => {
      const found = this.#find(event.offsetX, event.offsetY);
      if (found !== undefined) this.#choose(found.chosen, found.lines);
    });
    new ResizeObserver(() => this.#resize()).observe(canvas.parentElement ?? canvas);
    this.#resize();
  }

  /** Zooms around the middle. */
  zoomBy(factor: number): void {
    this.#zoomer.scaleBy(select(canvas), factor);
  }

  /** Moves by a part of the width. */
  move(part: number): void {
    this.#zoomer.translateBy(select(canvas), (part * this.#width) / this.#transform.k, 0);
  }

  showAll(): void {
    this.#zoomer.transform(select(canvas), zoomIdentity);
  }

  /** Goes to a moment, and near enough to see what happened then. */
  jumpTo({ atMs, laneIndex, text }: Stop): void {
    const scale = Math.max(this.#transform.k, this.#timeline.durationMs / JUMP_MS);
    this.#zoomer.scaleTo(select(canvas), scale);
    const middle = (atMs / this.#timeline.durationMs) * this.#width;
    this.#zoomer.translateTo(select(canvas), middle, 0);
    const name = laneIndex === undefined ? undefined : this.#lanes[laneIndex]?.name;
    this.#choose({ atMs, laneIndex }, [titleOf(atMs, name), text]);
  }

  /** Where the viewer is: the moment in the middle. */
  get middleMs(): number {
    return this.#view()
      .x.invert(this.#width / 2)
      .getTime();
  }

  get chosenMs(): number | undefined {
    return this.#chosen?.atMs;
  }

  /** Draws anew before the next frame, with the colours of now. */
  repaint(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#ink = readInk();
      this.#draw();
    });
  }

  #view(): View {
    const { durationMs } = this.#timeline;
    const whole = scaleUtc([new Date(0), new Date(durationMs)], [0, this.#width]);
    return {
      timeline: this.#timeline,
      lanes: this.#lanes,
      x: this.#transform.rescaleX(whole),
      width: this.#width,
      ink: this.#ink,
      chosen: this.#chosen,
    };
  }

  #resize(): void {
    const height = pictureHeight(this.#lanes.length);
    this.#width = Math.max(100, canvas.parentElement?.clientWidth ?? 0);
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(this.#width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    this.#zoomer
      .extent([
        [0, 0],
        [this.#width, height],
      ])
      .translateExtent([
        [0, -Infinity],
        [this.#width, Infinity],
      ])
      .scaleExtent([1, Math.max(1, this.#timeline.durationMs / NEAREST_MS)]);
    this.repaint();
  }

  #draw(): void {
    const context = canvas.getContext('2d');
    if (context === null) return;
    const view = this.#view();
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, view.width, canvas.height);
    drawLanes(context, view);
    drawRecoveries(context, view);
    drawChosen(context, view);
    const [from, until] = [0, view.width].map((at) => view.x.invert(at).getTime());
    canvas.dataset['from'] = String(Math.round(from ?? 0));
    canvas.dataset['until'] = String(Math.round(until ?? 0));
  }

  #hover(event: PointerEvent): void {
    // A finger is over what it points at: what it taps is told below the picture.
    const found = event.pointerType === 'mouse' ? this.#find(event.offsetX, event.offsetY) : undefined;
    tip.hidden = found === undefined;
    if (found === undefined) return;
    tip.textContent = found.lines.join('\n');
    const left = Math.min(event.clientX + 14, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${event.clientY + 18}px`;
  }

  #choose(chosen: NonNullable<View['chosen']>, lines: readonly string[]): void {
    this.#chosen = chosen;
    details.textContent = lines.join('\n');
    this.repaint();
  }

  #find(left: number, top: number): Found | undefined {
    const view = this.#view();
    const atMs = view.x.invert(left).getTime();
    const reachMs = view.x.invert(left + REACH).getTime() - atMs;
    const laneIndex = Math.floor((top - AXIS_HEIGHT) / LANE_HEIGHT);
    const lane = this.#lanes[laneIndex];
    if (lane === undefined) return this.#findRecovery(view, left, top);
    const mark = markAt(lane, atMs, reachMs);
    const bars = barsAt(lane, atMs, reachMs / 8).map(([kind, fromMs, untilMs, incarnation, detail]) => {
      const forS = ((untilMs - fromMs) / 1_000).toFixed(3);
      return `${kind} from ${clockText(fromMs)} for ${forS} s: ${ofProcess(detail, incarnation)}`;
    });
    const spans = [...this.#timeline.outages, ...this.#timeline.overlaps]
      .filter(([fromMs, untilMs]) => fromMs <= atMs && atMs < untilMs)
      .map(([, , text]) => text);
    const marks = mark === undefined ? [] : [`${clockText(mark[1])} ${ofProcess(mark[3], mark[2])}`];
    const chosen = { atMs: mark?.[1] ?? atMs, laneIndex };
    return { chosen, lines: [titleOf(chosen.atMs, lane.name), ...marks, ...bars, ...spans] };
  }

  #findRecovery(view: View, left: number, top: number): Found | undefined {
    const y = recoveryScale(view);
    const distance = (atMs: number, tookMs: number): number =>
      Math.hypot(view.x(atMs) - left, y(tookMs) - top);
    let nearest: Timeline['recoveries'][number] | undefined;
    let nearestBy = 2 * REACH;
    for (const recovery of this.#timeline.recoveries) {
      const by = distance(recovery[0], recovery[1]);
      if (by < nearestBy) [nearest, nearestBy] = [recovery, by];
    }
    if (nearest === undefined) return undefined;
    const [atMs, tookMs, cause, counts, worker] = nearest;
    const laneIndex = this.#lanes.findIndex(({ name }) => name === worker);
    return {
      chosen: { atMs, laneIndex },
      lines: [titleOf(atMs, worker), recoveryText(tookMs, cause, counts)],
    };
  }
}

function titleOf(atMs: number, worker: string | undefined): string {
  return worker === undefined ? clockText(atMs) : `${clockText(atMs)} · ${worker}`;
}

function isSideways(event: WheelEvent): boolean {
  return event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
}

/** @throws where the page does not have it. */
export function need<Kind extends Element>(selector: string, kind: new () => Kind): Kind {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
}
