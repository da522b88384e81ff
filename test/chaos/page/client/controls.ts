import { type Explorer, need } from './explorer.ts';
import { type Stop, stopsOf } from './lookup.ts';
import type { Timeline } from './timeline.ts';

const canvas = need('#picture', HTMLCanvasElement);
const kindMenu = need('#kind', HTMLSelectElement);
const position = need('#position', HTMLElement);

/** Buttons and keys. */
export function connectControls(explorer: Explorer, timeline: Timeline): void {
  const jumps = new Jumps(explorer, timeline);
  const actions: Readonly<Record<string, () => void>> = {
    in: () => explorer.zoomBy(2),
    out: () => explorer.zoomBy(0.5),
    all: () => explorer.showAll(),
    left: () => explorer.move(0.2),
    right: () => explorer.move(-0.2),
    next: () => jumps.jump(1),
    previous: () => jumps.jump(-1),
  };
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-action]')) {
    button.addEventListener('click', () => actions[button.dataset['action'] ?? '']?.());
  }
  kindMenu.addEventListener('change', () => jumps.load());
  const keys: Readonly<Record<string, string>> = {
    '+': 'in',
    '=': 'in',
    '-': 'out',
    0: 'all',
    Home: 'all',
    ArrowLeft: 'left',
    ArrowRight: 'right',
    n: 'next',
    p: 'previous',
  };
  canvas.addEventListener('keydown', (event) => {
    const action = actions[keys[event.key] ?? ''];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
}

/** Goes from one thing of the kind in the menu to the next. */
class Jumps {
  readonly #explorer: Explorer;
  readonly #timeline: Timeline;
  #stops: readonly Stop[] = [];
  #index: number | undefined;

  constructor(explorer: Explorer, timeline: Timeline) {
    this.#explorer = explorer;
    this.#timeline = timeline;
    this.load();
  }

  load(): void {
    this.#stops = stopsOf(this.#timeline, kindMenu.value);
    this.#index = undefined;
    position.textContent = this.#stops.length === 0 ? 'none' : `${this.#stops.length}`;
  }

  jump(by: 1 | -1): void {
    const index = this.#index === undefined ? this.#nearest(by) : this.#index + by;
    const stop = this.#stops.at(index % Math.max(1, this.#stops.length));
    if (stop === undefined) return;
    this.#index = this.#stops.indexOf(stop);
    this.#explorer.jumpTo(stop);
    position.textContent = `${this.#index + 1} of ${this.#stops.length}`;
  }

  /** The first one from what was chosen; from the beginning where nothing was. */
  #nearest(by: 1 | -1): number {
    const atMs = this.#explorer.chosenMs;
    if (kindMenu.value === 'slow' || atMs === undefined) return by === 1 ? 0 : -1;
    const next = this.#stops.findIndex((stop) => stop.atMs > atMs);
    const from = next < 0 ? this.#stops.length : next;
    return by === 1 ? from : from - 1;
  }
}
