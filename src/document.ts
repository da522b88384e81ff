import type { Connection } from './connection.ts';
import { driveToEnd } from './drive-to-end.ts';
import { errorFromFailure } from './errors.ts';
import { createStoreOf } from './gcs/json-api.ts';
import type { LockName } from './lock-name.ts';
import { errorContext, releaseSettings } from './lock.ts';
import type { TimerKind } from './platform/clock.ts';
import { changeDocument, type DocumentEnd, startChange } from './protocol/document.ts';
import { documentCodec, type DocumentKind, type DocumentRecord } from './protocol/document-record.ts';
import type { ChangeSettings, DocumentState, SeenDocument } from './protocol/document-state.ts';
import type { Failure, ReadOutcome } from './protocol/outcome.ts';
import { otherObject, type Reader, readRecord } from './reading.ts';
import type { Tally } from './tally.ts';

/** A document as its client knows it: where it is, how to treat it, and what to work with. */
export type Document<Value> = Reader<DocumentRecord<Value>>;

/** How a document is changed. */
export interface ChangeOptions<Value, Why> extends Pick<
  ChangeSettings<Value, Why>,
  'decide' | 'whenUnclear'
> {
  /** How long to try, milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** A reading of just now, which saves the first one. */
  readonly seen?: ReadOutcome<DocumentRecord<Value>> | undefined;
  /** Whether the process may end meanwhile. Default: it may not. */
  readonly timerKind?: TimerKind;
  /** What was done for the same caller before. */
  readonly tally?: Tally | undefined;
}

/** What a change came to. */
export type Changed<Value, Why> = Extract<DocumentEnd<Value, Why>, { kind: 'written' | 'left' }>;

/** Does no I/O. */
export function openDocument<Value extends object>(
  { endpoint, settings, parts, userProject }: Connection,
  at: LockName,
  kind: DocumentKind<Value>,
): Document<Value> {
  return {
    url: `gs://${at.bucket}/${at.name}`,
    kind: kind.kind,
    settings,
    clock: parts.clock,
    random: parts.random,
    memory: { see: () => ({}) },
    store: createStoreOf(documentCodec(kind), { endpoint, ...at, userProject }, parts.transport),
  };
}

/**
 * Reads a document, trying again for `requestTimeoutMs` in all while nothing is known; undefined where there is none.
 *
 * @throws ForeignObjectError, NewerVersionError, an error of the store, or the signal's reason.
 */
export async function readDocument<Value>(
  document: Document<Value>,
  signal: AbortSignal | undefined,
): Promise<SeenDocument<Value> | undefined> {
  const object = await readRecord(document, signal);
  if (object === undefined) return undefined;
  const { content, ...seen } = object;
  return { ...seen, value: content.record.value };
}

/**
 * Changes a document by reading it, deciding, and writing what was decided under the guard of both numbers of the
 * version that was read; and again, until a write was applied or there is nothing to write.
 *
 * A call that rejects may have been applied, or may be later, which its error says.
 *
 * @throws ForeignObjectError, NewerVersionError, an error of the store, or the signal's reason.
 */
export async function editDocument<Value, Why>(
  document: Document<Value>,
  options: ChangeOptions<Value, Why>,
): Promise<Changed<Value, Why>> {
  const { decide, whenUnclear, timeoutMs, signal, seen, timerKind = 'foreground', tally } = options;
  type State = DocumentState<Value, Why>;
  type End = DocumentEnd<Value, Why>;
  const settings = { ...releaseSettings(document, timeoutMs), decide, whenUnclear };
  const first = startChange(settings, document.random.leaseId(), document.clock.now(), seen);
  const limits = { timeoutMs, signal, timerKind, tally };
  const end = await driveToEnd<State, End, DocumentRecord<Value>>(document, changeDocument, first, limits);
  switch (end.kind) {
    case 'written':
    case 'left':
      // A write before that may have failed; nobody is in doubt about it any more.
      tally?.settle();
      return end;
    case 'other':
      throw otherObject(end.object, end.content, errorContext(document));
    case 'failed':
      throw errorFromFailure(end.mayBeApplied ? undecided(end.failure) : end.failure, errorContext(document));
    default:
      return end satisfies never;
  }
}

function undecided(failure: Failure): Failure {
  return { ...failure, detail: `${failure.detail} The change may have been made, or may yet be.` };
}
