import { type EventStatus, GcsEvent, StoreUnavailableError, WaitTimeoutError } from '../index.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';
import { tellDuration } from './duration.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failures.ts';
import { Interruption } from './interruption.ts';
import { type NoteOptions, Notes } from './notes.ts';
import { print, printJson } from './print.ts';
import { oneLine } from './text.ts';
import { type WaitReason, warnOfSilence, WaitTeller } from './waiting.ts';

/** What can be done to an event. */
export type EventAction = 'set' | 'clear' | 'wait';

export interface EventOptions extends ConnectionOptions, NoteOptions {
  /** For `set`. */
  readonly payload?: string;
  /** For `wait`: milliseconds; for ever where nothing is said. */
  readonly wait?: number;
  /** For `wait`: the number of the last `set` that was seen. */
  readonly after?: number;
}

/** Which of the flags go with which action only. */
const GOES_WITH = { payload: 'set', wait: 'wait', after: 'wait' } as const satisfies Partial<
  Record<keyof EventOptions, EventAction>
>;

/** Sets or clears an event, or waits for it. */
export async function eventCommand(action: EventAction, url: string, options: EventOptions): Promise<number> {
  for (const flag of ['payload', 'wait', 'after'] as const) {
    const only = GOES_WITH[flag];
    if (options[flag] !== undefined && action !== only)
      throw new Failure(`--${flag} goes with event ${only} only, not with event ${action}`);
  }
  const event = GcsEvent.fromUrl(url, connectionOptions(options));
  using interruption = new Interruption();
  const { signal } = interruption;
  try {
    return await act(action, event, options, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    return interruption.exitCode;
  }
}

async function act(
  action: EventAction,
  event: GcsEvent,
  options: EventOptions,
  signal: AbortSignal,
): Promise<number> {
  switch (action) {
    case 'set': {
      const setCount = await event.set(options.payload ?? '', { signal });
      if (options.json === true) printJson({ lock: event.url, setCount });
      return EXIT.ok;
    }
    case 'clear':
      await event.clear({ signal });
      if (options.json === true) printJson({ lock: event.url, isSet: false });
      return EXIT.ok;
    case 'wait':
      return waitFor(event, options, signal);
    default:
      return action satisfies never;
  }
}

/** How soon it is said that it waits: an event that is set ends a wait before that, without a word. */
const FIRST_WORD_MS = 1_000;

/** Whether it is set yet, nobody may have been told. */
const NOT_YET: WaitReason = { sentence: () => 'until it is set', short: () => 'until it is set', fact: {} };

async function waitFor(event: GcsEvent, options: EventOptions, signal: AbortSignal): Promise<number> {
  const notes = new Notes(options);
  // A wait of nothing is one look.
  if (options.wait === 0) return end(event.url, await lookOnce(event, options, signal), options, notes);
  const teller = new WaitTeller(event.url, notes);
  await notes.prepareLive();
  teller.start();
  const firstWord = setTimeout(() => teller.on(NOT_YET), FIRST_WORD_MS);
  try {
    const seen = await whenSet(event, options, signal);
    teller.stop();
    return end(event.url, seen, options, notes);
  } finally {
    clearTimeout(firstWord);
    teller.stop();
  }
}

/** @returns undefined where the time ran out, or the error of a store that did not answer then. */
async function whenSet(
  event: GcsEvent,
  { wait: timeoutMs = Infinity, after }: EventOptions,
  signal: AbortSignal,
): Promise<EventStatus | StoreUnavailableError | undefined> {
  try {
    if (after !== undefined) return await event.nextSet({ after, timeoutMs, signal });
    return await event.whenSet({ timeoutMs, signal });
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    return error.cause instanceof StoreUnavailableError ? error.cause : undefined;
  }
}

async function lookOnce(
  event: GcsEvent,
  { after }: EventOptions,
  signal: AbortSignal,
): Promise<EventStatus | undefined> {
  const status = await event.status({ signal });
  const isMet = after === undefined ? status.isSet : status.setCount > after;
  return isMet ? status : undefined;
}

/** Says what came of a wait. */
function end(
  url: string,
  seen: EventStatus | StoreUnavailableError | undefined,
  options: EventOptions,
  notes: Notes,
): number {
  const { wait = 0 } = options;
  const fact = { event: 'not-set', lock: url, waitedMs: wait };
  if (seen === undefined) notes.info(`${url} is still not set after ${tellDuration(wait)}`, fact);
  else if (seen instanceof StoreUnavailableError)
    warnOfSilence(notes, `${url} was not seen to be set after ${tellDuration(wait)}`, seen, fact);
  else {
    tell(url, seen, options);
    return EXIT.ok;
  }
  return EXIT.notAcquired;
}

/** What its payload says, for whoever waited. A terminal draws nothing that others have written. */
function tell(url: string, { payload, setCount, isSet }: EventStatus, { json }: EventOptions): void {
  if (json === true) printJson({ lock: url, payload, setCount, isSet });
  else if (payload !== '') print(`${process.stdout.isTTY ? oneLine(payload) : payload}\n`);
}
