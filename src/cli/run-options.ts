import type { ConnectionOptions } from './connection.ts';
import type { WaitFlags } from './flags.ts';
import type { NoteOptions } from './notes.ts';

/** What `gcs-mutex run` can be told; durations in milliseconds. */
export interface RunOptions extends ConnectionOptions, NoteOptions, WaitFlags {
  /** Of a semaphore, which it is then run under instead of a lock. */
  readonly permits?: number;
  /** How many of its permits; so it is a semaphore with this as well. */
  readonly take?: number;
  /** Of a pool, which it is then run under; so it is with `only`. */
  readonly resources?: readonly string[];
  readonly only?: readonly string[];
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
