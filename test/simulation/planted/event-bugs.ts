import type { Bug } from './bugs.ts';

const kind = 'event';

/** Mistakes that the worlds of the event must find: one for each part of why no `set` comes late or twice. */
export const EVENT_BUGS: readonly Bug[] = [
  {
    name: 'event: a clear of what is cleared writes nothing',
    kind,
    module: 'event/event',
    text: "decide: (seen) => ({ kind: 'write', value: change(seen?.value) }),",
    instead:
      "decide: (seen) => (seen?.value.isSet === false && !change(seen.value).isSet ? { kind: 'leave', why: seen.value } : { kind: 'write', value: change(seen?.value) }),",
  },
  {
    name: 'event: a write without an answer is decided anew',
    kind,
    module: 'protocol/document',
    text: '// Also after an answer that it was not applied:',
    instead: 'return decide(rest, known, event.at); //',
  },
  {
    name: 'event: a doubled write is decided anew',
    kind,
    module: 'protocol/document',
    text: '// Also after an answer that it was not applied:',
    instead: 'if (!pending.isUndecided) return decide(rest, known, event.at); //',
  },
  {
    name: 'event: a patch guarded by generation alone',
    kind,
    module: 'gcs/json-api',
    text: 'return `${guard}&ifMetagenerationMatch=${encodeURIComponent(metageneration)}`;',
    instead: 'return guard;',
  },
  {
    name: 'event: a wait gives what was set whenever it was',
    kind,
    module: 'protocol/event-wait',
    text: 'if (isLater || (isSet && state.settings.takesOld))',
    instead: 'if (isLater || (setCount > 0 && state.settings.takesOld))',
  },
  {
    name: 'event: the fate of a write is told by the newest id alone',
    kind,
    module: 'protocol/document-record',
    text: 'if (now.writeIds.includes(writeId))',
    instead: 'if (now.writeIds[0] === writeId)',
  },
];
