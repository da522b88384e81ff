import { InvalidArgumentError } from 'commander';
import prettyMilliseconds from 'pretty-ms';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a duration as sleep(1) and timeout(1) do, in milliseconds; a bare number is seconds. */
export function readDuration(text: string): number | undefined {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (amount === undefined || factor === undefined) return undefined;
  const ms = Math.round(Number(amount) * factor);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** As `readDuration`, of what a flag was given. */
export function parseDuration(text: string): number {
  const ms = readDuration(text);
  if (ms === undefined)
    throw new InvalidArgumentError('It must be a duration such as 500ms, 30s, 5m or 1.5h.');
  return ms;
}

/** A duration as `readDuration` reads it, in the largest unit of which it is a whole number. */
export function exactDuration(ms: number): string {
  if (ms === 0) return '0s';
  const [unit = 'ms', factor = 1] =
    Object.entries(UNITS)
      .toReversed()
      .find(([, size]) => ms % size === 0) ?? [];
  return `${ms / factor}${unit}`;
}

/** A duration for people: two units at most, such as `2m 3s`. */
export function tellDuration(ms: number): string {
  if (ms <= 0) return '0s';
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  return prettyMilliseconds(ms, { secondsDecimalDigits: ms < 10_000 ? 1 : 0, unitCount: 2 });
}
