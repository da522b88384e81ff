import stringWidth from 'string-width';
import { oneLine } from './text.ts';

const INDENT = '  ';
/** Between a name and what it stands for. */
const GAP = '  ';

/** Where something is told: a terminal, which has so many columns, or anything else. */
export interface TextTarget {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The narrowest to which sentences are broken: a narrower terminal may break them as it likes. */
const NARROWEST = 60;

/** How many columns there are for a sentence. */
export function widthOf({ isTTY, columns = 80 }: TextTarget): number {
  return isTTY === true ? Math.max(NARROWEST, columns) : Infinity;
}

/** Breaks a text between words into lines of so many columns. A word that is longer stays whole, and can be copied. */
export function wrap(text: string, columns: number): string[] {
  const whole = oneLine(text);
  if (stringWidth(whole) <= columns) return [whole];
  const lines: string[] = [];
  let line = '';
  for (const word of whole.split(' ')) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A sentence that fits where it is told: what does not is indented on the lines below. */
export function tellSentence(text: string, target: TextTarget): string {
  const [first = '', ...rest] = wrap(text, widthOf(target) - INDENT.length);
  return [first, ...rest.map((line) => INDENT + line)].map((line) => `${line}\n`).join('');
}

/** Names and what they stand for, one below the other. */
export function tellRows(rows: readonly (readonly [string, string])[], target: TextTarget): string {
  const nameWidth = Math.max(...rows.map(([name]) => stringWidth(oneLine(name))));
  const indent = INDENT.length + nameWidth + GAP.length;
  const lines = rows.flatMap(([name, value]) => {
    const [first = '', ...rest] = wrap(value, widthOf(target) - indent);
    const shown = oneLine(name);
    const head = `${INDENT}${shown}${' '.repeat(nameWidth - stringWidth(shown))}${GAP}${first}`;
    return [head, ...rest.map((line) => ' '.repeat(indent) + line)];
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** Cuts a text to so many columns of a terminal, and shows that something is missing. */
export function cutTo(text: string, columns: number): string {
  const line = oneLine(text);
  if (stringWidth(line) <= columns) return line;
  let cut = '';
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    if (stringWidth(cut + segment) > columns - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}
