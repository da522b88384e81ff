/** A mistake that somebody could make in the shipped code, as a change of the compiled text. */
export interface Bug {
  readonly name: string;
  /** Below `src`, without its ending. */
  readonly module: string;
  /** What stands there, exactly once. */
  readonly text: string;
  readonly instead: string;
}

/** The mistakes that explorer and simulator must find: one for each guard, and for each rule that a timing rests on. */
export const BUGS: readonly Bug[] = [
  {
    name: 'create without a guard',
    module: 'gcs/json-api',
    text: "'ifGenerationMatch=0'",
    instead: "'alt=json'",
  },
  {
    name: 'takeover without a guard',
    module: 'gcs/json-api',
    text: "insert({ call: 'overwrite', record, expected }, guardsOf(expected), options)",
    instead: "insert({ call: 'overwrite', record, expected }, 'alt=json', options)",
  },
  {
    name: 'every guard by metageneration alone',
    module: 'gcs/json-api',
    text: 'return `${guard}&ifMetagenerationMatch=${encodeURIComponent(metageneration)}`;',
    instead: 'return `ifMetagenerationMatch=${encodeURIComponent(metageneration)}`;',
  },
  {
    name: 'every guard by generation alone',
    module: 'gcs/json-api',
    text: 'return `${guard}&ifMetagenerationMatch=${encodeURIComponent(metageneration)}`;',
    instead: 'return guard;',
  },
  {
    name: 'refresh without a guard',
    module: 'gcs/json-api',
    text: 'const request = patchRequest(urls, record, guardsOf(expected), options);',
    instead: "const request = patchRequest(urls, record, 'alt=json', options);",
  },
  {
    name: 'delete without a guard',
    module: 'gcs/json-api',
    text: 'const url = urls.object(guardsOf(expected));',
    instead: "const url = urls.object('alt=json');",
  },
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
    text: 'return timeUntilStale(object, state.settings.rules,',
    instead:
      'return timeUntilStale({ ...object, content: { ...object.content, record: { ...object.content.record, ttlMs: state.settings.record.ttlMs } } }, state.settings.rules,',
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
    name: 'held until the answer to the delete',
    module: 'lease',
    text: 'return !this.#isReleased && isHeldAt(this.#driver.state, at);',
    instead: 'return isHeldAt(this.#driver.state, at);',
  },
  {
    name: 'the deadline has no timer of its own',
    module: 'lease',
    text: 'const delayMs = untilMs - this.#lock.clock.now().monotonicMs;',
    instead: 'const delayMs = 1e9;',
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
    text: 'if (state.refusalCount === 1 && !state.usedCreateAtOnce',
    instead:
      "if (state.undecidedCount > 0) return end(state, { kind: 'failed', failure: state.failure ?? { kind: 'unavailable', detail: 'x' } }); if (state.refusalCount === 1 && !state.usedCreateAtOnce",
  },
  {
    name: 'an old lease id is used for a new attempt',
    module: 'acquisition',
    text: 'startAnew(state, this.#lock.random.leaseId())',
    instead: 'startAnew(state, state.leaseId)',
  },
  {
    name: 'a live lease of this process counts as an orphan',
    module: 'lease',
    text: "this.#publish({ kind: 'acquired', waitedMs, requestCount, wasTakenOver });",
    instead:
      "this.#publish({ kind: 'acquired', waitedMs, requestCount, wasTakenOver }); lock.memory.noteEnded(this.leaseId);",
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
    name: 'wall clock in place of the monotonic one',
    module: 'driver',
    text: 'dispatch(body, at = this.#parts.clock.now()) {',
    instead:
      'dispatch(body, at = this.#parts.clock.now()) { at = { monotonicMs: at.elapsedMs, elapsedMs: at.elapsedMs };',
  },
  {
    name: 'the record of an overwrite in an echo is not compared',
    module: 'gcs/outcome',
    text: 'record.leaseId === sent.record.leaseId &&',
    instead: '',
  },
  {
    name: 'a broken answer counts as applied',
    module: 'gcs/outcome',
    text: 'if (verdict.status === 204)',
    instead: 'if (verdict.status >= 200 && verdict.status <= 504)',
  },
  {
    name: 'a read that fails means absent',
    module: 'gcs/outcome',
    text: "return { kind: 'unreadable', failure: verdict.failure };",
    instead: "return { kind: 'absent' };",
  },
  {
    name: 'refused means lost, without a look',
    module: 'protocol/hold',
    text: 'return read(noteUndecided(state, refresh), event.at);',
    instead:
      "return outcome.kind === 'refused' ? lose(state, 'taken-over') : read(noteUndecided(state, refresh), event.at);",
  },
  {
    name: 'a refusal is taken for success',
    module: 'gcs/outcome',
    text: "return { kind: 'refused' };\n        case 'not-found'",
    instead:
      "return { kind: 'applied', version: { generation: '1', metageneration: '1' } };\n        case 'not-found'",
  },
  {
    name: 'a refresh timer is not cleared at the release',
    module: 'lease',
    text: 'this.#stop(() => new LeaseReleasedError(errorContext(this.#lock)));',
    instead: '',
  },
  {
    name: 'a wait has no end',
    module: 'driver',
    text: 'this.#cutOff = clock.setTimer(untilMs - clock.now().monotonicMs,',
    instead: 'this.#cutOff = clock.setTimer(1e9,',
  },
];
