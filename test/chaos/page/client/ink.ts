import type { MarkKind } from './timeline.ts';

/** The colours of the picture, which the style sheet names for light and for dark. */
export type Ink = Readonly<Record<InkName, string>> & {
  readonly hatches: Readonly<Record<'paused' | 'blocked' | 'outage', CanvasPattern | string>>;
};

const NAMES = [
  'text',
  'faint',
  'line',
  'believing',
  'waiting',
  'paused',
  'blocked',
  'dead',
  'partition',
  'outage',
  'bad',
  'cursor',
  'page',
] as const;

type InkName = (typeof NAMES)[number];

export function readInk(): Ink {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const colours = Object.fromEntries(NAMES.map((name) => [name, colour(name)])) as Record<InkName, string>;
  return {
    ...colours,
    hatches: {
      paused: hatch(colours.paused, 'up'),
      blocked: hatch(colours.blocked, 'down'),
      outage: hatch(colours.outage, 'up', 12),
    },
  };
}

/** Slanting lines, so that what lies over something else is told from it by more than its colour. */
function hatch(colour: string, slant: 'up' | 'down', size = 6): CanvasPattern | string {
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const ink = tile.getContext('2d');
  if (ink === null) return colour;
  ink.strokeStyle = colour;
  ink.lineWidth = 2;
  for (const shift of [-size, 0, size]) {
    ink.beginPath();
    ink.moveTo(shift, slant === 'up' ? size : 0);
    ink.lineTo(shift + size, slant === 'up' ? 0 : size);
    ink.stroke();
  }
  return ink.createPattern(tile, 'repeat') ?? colour;
}

/** A small sign around a point, a shape for each kind. */
export function drawMark(ink: CanvasRenderingContext2D, kind: MarkKind, x: number, y: number): void {
  const size = 4;
  ink.beginPath();
  switch (kind) {
    case 'killed':
      ink.moveTo(x - size, y - size);
      ink.lineTo(x + size, y + size);
      ink.moveTo(x + size, y - size);
      ink.lineTo(x - size, y + size);
      break;
    case 'paused':
      ink.moveTo(x - 2, y - size);
      ink.lineTo(x - 2, y + size);
      ink.moveTo(x + 2, y - size);
      ink.lineTo(x + 2, y + size);
      break;
    case 'blocked':
      ink.rect(x - size + 1, y - size + 1, 2 * size - 2, 2 * size - 2);
      break;
    case 'partition':
      ink.moveTo(x, y - size);
      ink.lineTo(x + size, y);
      ink.lineTo(x, y + size);
      ink.lineTo(x - size, y);
      ink.closePath();
      break;
    case 'clock':
      ink.arc(x, y, size, 0, 2 * Math.PI);
      ink.moveTo(x, y - 2);
      ink.lineTo(x, y);
      ink.lineTo(x + 2, y);
      break;
    case 'lost':
      ink.moveTo(x - size, y - size + 1);
      ink.lineTo(x + size, y - size + 1);
      ink.lineTo(x, y + size);
      ink.closePath();
      break;
    case 'late':
    case 'update':
      ink.moveTo(x, y - size);
      ink.lineTo(x, y + 1);
      ink.moveTo(x, y + 3);
      ink.lineTo(x, y + size + 1);
      break;
    default:
      kind satisfies never;
  }
  ink.stroke();
}

/** The colour that a kind of mark has. */
export function markColour(ink: Ink, kind: MarkKind): string {
  if (kind === 'update' || kind === 'late') return ink.bad;
  if (kind === 'paused' || kind === 'blocked' || kind === 'partition') return ink[kind];
  return ink.text;
}
