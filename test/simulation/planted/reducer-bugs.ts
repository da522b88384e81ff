import type { Bug } from './bugs.ts';

/** Mistakes in what is decided. */
export const REDUCER_BUGS: readonly Bug[] = [
  {
    name: 'lease counted from the answer',
    module: 'protocol/acquire',
    text: 'outcome.version, write.sentAt, event.at)',
    instead: 'outcome.version, event.at, event.at)',
  },
  {
    name: 'refresh counted from the answer',
    module: 'protocol/hold',
    text: 'refresh.count, refresh.sentAt, event);',
    instead: 'refresh.count, event.at, event);',
  },
  {
    name: 'lost answer counted from the read that shows the record',
    module: 'protocol/acquire',
    text: 'laterOf(first, otherSeenAt);',
    instead: 'at;',
  },
  {
    name: 'unknown refresh counted because the lease id is ours',
    module: 'protocol/hold',
    text: 'if (seen.refreshCount > state.creditedCount) {',
    instead:
      'if (state.undecided.length > 0) return credit(asRead, seen.refreshCount, state.undecided.at(-1).sentAt, event); if (seen.refreshCount > state.creditedCount) {',
  },
  {
    name: 'applied refresh counted from the latest send',
    module: 'protocol/hold',
    text: 'applied?.sentAt ?? state.creditedAt',
    instead: 'state.lastWriteAt',
  },
  {
    name: 'a new refresh under an old count',
    module: 'protocol/hold',
    text: 'count: state.lastCount + 1,',
    instead: 'count: state.creditedCount + 1,',
    coveredBy: 'of two refreshes with one count the earlier one is credited',
  },
  {
    name: 'a new refresh under an old count, and the later of the two is credited',
    module: 'protocol/hold',
    text: 'count: state.lastCount + 1,',
    instead: 'count: state.creditedCount + 1,',
    also: { module: 'protocol/hold', text: 'state.undecided.find(', instead: 'state.undecided.findLast(' },
  },
  {
    name: 'no margin',
    module: 'protocol/timing',
    text: 'sentAt.monotonicMs + timing.ttlMs - timing.marginMs',
    instead: 'sentAt.monotonicMs + timing.ttlMs',
  },
  {
    name: "the reader's own ttl in place of the record's",
    module: 'protocol/acquire',
    text: 'return timeUntilReplaceable(object, event,',
    instead:
      'return timeUntilReplaceable({ ...object, content: { ...object.content, record: { ...object.content.record, ttlMs: state.settings.record.ttlMs } } }, event,',
  },
  {
    name: 'observation without drift or skew',
    module: 'protocol/stale',
    text: 'ttlMs * (1 + MAX_DRIFT) + rules.clockSkewMs - nowMs',
    instead: 'ttlMs * 0.9 - nowMs',
  },
  {
    name: 'observation goes on through a refresh',
    module: 'protocol/stale',
    text: 'leaseId, ttlMs, refreshCount].join',
    instead: 'leaseId, ttlMs].join',
  },
  {
    name: 'server clocks without the skew between them',
    module: 'protocol/stale',
    text: 'const staleAt = object.updatedAt + ttlMs + rules.clockSkewMs;',
    instead: 'const staleAt = object.updatedAt + ttlMs;',
  },
  {
    name: 'age counted from the creation',
    module: 'protocol/stale',
    text: 'const staleAt = object.updatedAt + ttlMs',
    instead: 'const staleAt = object.createdAt + ttlMs',
  },
  {
    name: 'ours by the holder label',
    module: 'protocol/acquire-knowledge',
    text: 'record.leaseId === state.leaseId &&',
    instead: 'record.holder === state.settings.record.holder &&',
  },
  {
    name: 'ours by the holder label, while held',
    module: 'protocol/hold',
    text: 'if (seen.leaseId !== state.record.leaseId)',
    instead: 'if (seen.holder !== state.record.holder)',
  },
  {
    name: 'a late grant is granted as it is',
    module: 'protocol/acquire',
    text: '|| at.monotonicMs >= leaseDeadline(base, settings.timing);',
    instead: ';',
  },
  {
    name: 'sleep not looked for before a grant',
    module: 'protocol/acquire',
    text: 'sleptBetween(base, at, settings.timing) ||',
    instead: '',
  },
  {
    name: 'sleep not looked for when a refresh is credited',
    module: 'protocol/hold',
    text: 'if (sleptBetween(base, event.at, timing))',
    instead: 'if (false)',
  },
  {
    name: 'sleep not looked for at all while held',
    module: 'protocol/hold-state',
    text: '!sleptBetween(state.creditedAt, at, state.settings.timing)',
    instead: 'true',
  },
  {
    name: 'a stop is not heard of by whoever acquires',
    module: 'protocol/acquire',
    text: 'isTooOld || state.wasStopped',
    instead: 'isTooOld',
  },
  {
    name: 'a doubt settled by an earlier refresh',
    module: 'protocol/hold',
    text: 'count <= state.doubtedCount;',
    instead: 'false;',
  },
  {
    name: 'a lost lease is revived by a late answer',
    module: 'protocol/hold',
    text: 'if (event.at.monotonicMs >= state.deadlineMs)',
    instead: "if (event.at.monotonicMs >= state.deadlineMs && event.kind !== 'wrote')",
  },
  {
    name: 'a use of the lease does not look at the clock',
    module: 'protocol/hold-state',
    text: 'at.monotonicMs < endOf(state) &&',
    instead: '',
  },
  {
    name: 'two refreshes at a time',
    module: 'protocol/hold',
    text: "if (event.kind === 'refresh-asked' && state.phase.kind === 'resting')",
    instead: "if (event.kind === 'refresh-asked')",
  },
  {
    name: 'a retry forgets its lease id',
    module: 'protocol/acquire',
    text: "case 'unknown':\n            return read(",
    instead: "case 'unknown':\n            return [state, { kind: 'anew' }];\n            return read(",
    also: {
      module: 'acquisition',
      text: "if (end.kind === 'anew') {\n            this.#lock.memory.noteEnded(state.leaseId);",
      instead: "if (end.kind === 'anew') {",
    },
  },
  {
    name: 'its own record is taken for that of a rival',
    module: 'protocol/acquire-knowledge',
    text: 'state.firstWriteAt !== undefined &&',
    instead: 'false &&',
  },
  {
    name: 'a create without an answer ends the acquisition',
    module: 'protocol/acquire',
    text: 'if (state.refusalCount === 1 && !state.usedCreateAtOnce',
    instead:
      "if (state.undecidedCount > 0) return end(state, { kind: 'failed', failure: state.failure ?? { kind: 'unavailable', detail: 'x' } }); if (state.refusalCount === 1 && !state.usedCreateAtOnce",
  },
  {
    name: 'a release without an answer counts as done',
    module: 'protocol/release',
    text: 'const undecided = {',
    instead: "return end(state, { kind: 'released', wasHeld: true }); const undecided = {",
  },
  {
    name: 'a release that was done without an answer counts as late',
    module: 'protocol/release',
    text: 'wasHeld: state.isUndecided && state.isInTime',
    instead: 'wasHeld: false',
  },
  {
    name: 'a counter is deleted by the release',
    module: 'protocol/release',
    text: 'return state.record.counter !== undefined;',
    instead: 'return false;',
  },
  {
    name: 'a counter is not raised by a grant',
    module: 'protocol/record',
    text: '+ 1n)',
    instead: ')',
  },
  {
    name: 'refused means lost, without a look',
    module: 'protocol/hold',
    text: 'return read(noteUndecided(state, refresh), event.at);',
    instead:
      "return outcome.kind === 'refused' ? lose(state, 'taken-over') : read(noteUndecided(state, refresh), event.at);",
  },
];
