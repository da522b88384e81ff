import { randomInt } from 'node:crypto';
import { exactDuration } from '../duration.ts';

/** What the command line says, durations in milliseconds. */
export interface DemoOptions {
  readonly bucket?: string;
  readonly ttl?: number;
  readonly seed?: number;
  readonly json?: boolean;
}

/** What a play is told. */
export interface Settings {
  readonly bucket: string | undefined;
  readonly ttlMs: number | undefined;
  readonly seed: number;
  readonly isJson: boolean;
}

/** Why the demo could not begin: one sentence for the user, and exit code 2. */
export class CannotBegin extends Error {
  override readonly name = 'CannotBegin';
}

/** @throws CannotBegin on wrong arguments. */
export function settingsOf({ bucket, ttl, seed, json }: DemoOptions): Settings {
  if (bucket === '') throw new CannotBegin('--bucket must name a bucket');
  if (ttl !== undefined && (ttl < 900 || ttl > 60_000)) {
    throw new CannotBegin(`--ttl must be from 900ms to 60s, got ${exactDuration(ttl)}`);
  }
  return { bucket, ttlMs: ttl, seed: seed ?? randomInt(1_000_000), isJson: json === true };
}
