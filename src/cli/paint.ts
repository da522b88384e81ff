import { styleText } from 'node:util';
import type { TableTarget } from './table.ts';

/** Colours are for terminals only, and for those who want them: NO_COLOR is heeded. */
export function paint(
  style: 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan',
  text: string,
  target: Pick<TableTarget, 'isTTY'>,
): string {
  return target.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' ? styleText(style, text) : text;
}
