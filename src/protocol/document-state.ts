import type { Backoff } from './backoff.ts';
import type { DocumentRecord } from './document-record.ts';
import type { Failure, SeenObject } from './outcome.ts';
import type { ReleaseSettings } from './release.ts';
import type { Millis } from './timing.ts';
import type { Version } from './version.ts';

/** A document as one reading showed it; all times are the server's. */
export interface SeenDocument<Value> extends Omit<SeenObject<never>, 'content'> {
  readonly value: Value;
}

/** What is to become of a document: another value, or nothing, for a reason of the asker's own. */
export type Decision<Value, Why> =
  | { readonly kind: 'write'; readonly value: Value }
  | { readonly kind: 'leave'; readonly why: Why };

/** Decides on what was read (undefined: there is no document). Pure: it is asked again after each refusal. */
export type Change<Value, Why> = (seen: SeenDocument<Value> | undefined) => Decision<Value, Why>;

/** One change of a document: how it is decided, and for how long it is tried. */
export interface ChangeSettings<Value, Why> extends ReleaseSettings {
  readonly decide: Change<Value, Why>;
  /**
   * What to do where nobody can tell any more whether a write of ours was applied: the document was removed, or so
   * much was written since then that its id would be forgotten. `decide-anew` is for a change that may as well
   * happen twice.
   */
  readonly whenUnclear: 'decide-anew' | 'fail';
}

/** A write that was built: the same again keeps its id, its guard and its number. */
export interface PendingWrite<Value> {
  readonly record: DocumentRecord<Value>;
  readonly request: number;
  /** What it replaces; undefined for a create. */
  readonly before: { readonly version: Version; readonly record: DocumentRecord<Value> } | undefined;
  /** An attempt of it may have been applied, or may yet be. */
  readonly isUndecided: boolean;
}

export type DocumentPhase =
  | { readonly kind: 'reading' }
  | { readonly kind: 'writing' }
  | { readonly kind: 'pausing'; readonly untilMs: Millis; readonly goOn: 'read' | 'write' }
  | { readonly kind: 'ended' };

/** One change of a document, from the first request to what became of it. */
export interface DocumentState<Value, Why> {
  readonly settings: ChangeSettings<Value, Why>;
  /** 32 hexadecimal digits, of this change alone: the ids of its writes begin with it. */
  readonly changeId: string;
  readonly phase: DocumentPhase;
  readonly pending?: PendingWrite<Value>;
  readonly lastRequest: number;
  /** No write before this, on the monotonic clock. */
  readonly nextWriteMs: Millis;
  readonly backoff: Backoff;
  /** Why the object may not be read, where it was tried: perhaps there is none, which only a create tells. */
  readonly readForbidden?: Failure;
  /** Why the latest request failed, if it did. */
  readonly failure?: Failure;
}
