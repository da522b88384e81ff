import stringWidth from 'string-width';
import { oneLine } from './text.ts';

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
