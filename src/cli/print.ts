import { jsonLine } from './text.ts';

/** Writes a result. */
export function print(text: string): void {
  process.stdout.write(text);
}

/** Writes a result for programs: one line. */
export function printJson(value: unknown): void {
  print(jsonLine(value));
}
