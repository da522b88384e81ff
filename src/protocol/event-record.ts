import { boundedInteger } from './codec.ts';
import type { DocumentKind } from './document-record.ts';
import { decodeText, encodeText } from './text.ts';

/** The longest payload, as it is kept: custom metadata has room for 8 KiB in all, ids of writes among them. */
export const MAX_PAYLOAD_BYTES = 6_000;

/** What an event's document says. */
export interface EventState {
  readonly isSet: boolean;
  /** What the latest `set` brought, also after a `clear`: for whoever finds out late that it was set. */
  readonly payload: string;
  /** How often it was set so far. */
  readonly setCount: number;
}

/** Nobody has ever set it. */
export const NEVER_SET: EventState = { isSet: false, payload: '', setCount: 0 };

/** How an event is kept. */
export const EVENT: DocumentKind<EventState> = {
  schema: 'gcs-mutex-event/1',
  kind: 'event',
  encode: ({ isSet, payload, setCount }) => ({
    state: isSet ? 'set' : 'clear',
    payload: encodeText(payload),
    sets: String(setCount),
  }),
  decode(key) {
    const state = key('state');
    const payload = decodeText(key('payload'));
    const setCount = boundedInteger(key('sets'), 0, Number.MAX_SAFE_INTEGER - 1);
    if (state !== 'set' && state !== 'clear') return 'its state is neither set nor clear';
    if (payload === undefined) return 'its payload does not parse';
    if (setCount === undefined) return 'its count does not parse';
    return { isSet: state === 'set', payload, setCount };
  },
};

export function setEvent(before: EventState | undefined, payload: string): EventState {
  return { isSet: true, payload, setCount: (before ?? NEVER_SET).setCount + 1 };
}

export function clearEvent(before: EventState | undefined): EventState {
  return { ...(before ?? NEVER_SET), isSet: false };
}
