import type { Bug } from './bugs.ts';

/** Mistakes around the reducers: in requests and answers, in timers, in what a user is told. */
export const SHELL_BUGS: readonly Bug[] = [
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
    text: 'patchRequest(urls, codec.encode(record), guardsOf(expected), options);',
    instead: "patchRequest(urls, codec.encode(record), 'alt=json', options);",
  },
  {
    name: 'delete without a guard',
    module: 'gcs/json-api',
    text: 'const url = urls.object(guardsOf(expected));',
    instead: "const url = urls.object('alt=json');",
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
    name: 'an old lease id is used for a new attempt',
    module: 'acquisition',
    text: 'startAnew(state, this.#lock.random.leaseId())',
    instead: 'startAnew(state, state.leaseId)',
  },
  {
    name: 'a loss does not abort the signal',
    module: 'lease',
    text: 'this.#controller.abort(error);',
    instead: '',
  },
  {
    name: 'a live lease of this process counts as an orphan',
    module: 'lease',
    text: "this.#publish({ kind: 'acquired', waitedMs, requestCount, wasTakenOver, remainingMs });",
    instead:
      "this.#publish({ kind: 'acquired', waitedMs, requestCount, wasTakenOver, remainingMs }); lock.memory.noteEnded(this.leaseId);",
  },
  {
    name: 'wall clock in place of the monotonic one',
    module: 'driver',
    text: 'dispatch(body, at = this.#parts.clock.now()) {',
    instead:
      'dispatch(body, at = this.#parts.clock.now()) { at = { monotonicMs: at.elapsedMs, elapsedMs: at.elapsedMs };',
  },
  {
    name: 'the answer to a write counts, whose record it may show',
    module: 'protocol/record',
    text: 'shown.leaseId === sent.leaseId &&',
    instead: '',
  },
  {
    name: 'any answer to a delete counts as applied',
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
    name: 'a refusal is taken for success',
    module: 'gcs/outcome',
    text: "return { kind: 'refused' };\n        case 'not-found'",
    instead:
      "return { kind: 'applied', version: { generation: '1', metageneration: '1' } };\n        case 'not-found'",
  },
  {
    name: 'a refresh timer is not cleared at the release',
    module: 'lease',
    text: 'this.#stop(new LeaseReleasedError(errorContext(this.#lock)));',
    instead: '',
  },
  {
    name: 'a wait has no end',
    module: 'driver',
    text: 'this.#cutOff = clock.setTimer(untilMs - clock.now().monotonicMs,',
    instead: 'this.#cutOff = clock.setTimer(1e9,',
  },
];
