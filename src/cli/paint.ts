import { styleText } from 'node:util';
import type { TextTarget } from './columns.ts';

type Target = Pick<TextTarget, 'isTTY'>;

/** Whether somebody wants colours: they are for terminals only, and NO_COLOR is heeded. */
export function hasColours(target: Target): boolean {
  return target.isTTY === true && (process.env['NO_COLOR'] ?? '') === '';
}

/** Colours a text where that is wanted. */
export function paint(
  style: 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan',
  text: string,
  target: Target,
): string {
  return hasColours(target) ? styleText(style, text) : text;
}
