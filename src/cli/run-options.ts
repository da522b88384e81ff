import type { ConnectionOptions } from './connection.ts';
import type { NoteOptions } from './notes.ts';

/** What `gcs-mutex run` can be told; durations in milliseconds. */
export interface RunOptions extends ConnectionOptions, NoteOptions {
  /** False with `--no-wait`; else how long to wait, for ever where nothing is said. */
  readonly wait: number | boolean;
  readonly conflictExitCode: number;
  readonly killAfter?: number;
  readonly onLost: 'kill' | 'warn';
  readonly ttl?: number;
  readonly refreshInterval?: number;
  readonly margin?: number;
  readonly clockSkew?: number;
  readonly takeover?: 'server-clock' | 'observation';
  readonly maxHold?: number;
  readonly holder?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}
