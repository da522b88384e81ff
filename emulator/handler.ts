import {
  abortable,
  connectionReset,
  dripping,
  endless,
  scriptedAnswer,
  truncated,
} from './broken-answers.ts';
import { describe } from './describe.ts';
import { carryOut, createService, dateHeader } from './service.ts';
import type { EmulatorClock } from './clock.ts';
import type { AfterAction, Faults, Stroke } from './faults.ts';
import type { BucketSettings, StoredObject } from './stored.ts';
import type { EmulatorOptions } from './options.ts';
import type { RecordedRequest, RequestLog } from './request-log.ts';
import type { Service } from './service.ts';

/** An emulated Cloud Storage service. */
export interface Emulator {
  /** From request to answer. Rejects where a connection would break, and with `signal.reason` on an abort. */
  readonly handler: (request: Request) => Promise<Response>;
  /** The same with the signature of `fetch`, to stand in for it in a client. */
  readonly fetch: typeof globalThis.fetch;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly clock: EmulatorClock;
  /** Makes an empty bucket, whose name is not checked. All its settings are off unless given. */
  readonly addBucket: (name: string, settings?: BucketSettings) => void;
  /** The live object under a name, past all faults and unrecorded. */
  readonly object: (bucket: string, name: string) => StoredObject | undefined;
  /** All live objects of a bucket, by name, past all faults and unrecorded. */
  readonly objects: (bucket: string) => readonly StoredObject[];
  /** Carries a recorded request out once more, past all faults and unrecorded: a late duplicate. */
  readonly replay: (request: RecordedRequest) => Response;
}

/** Makes an emulated service that lives in this process and opens no port. */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const service = createService(options);
  const { store, faults, requests, clock } = service;
  const handler = (request: Request): Promise<Response> => handle(service, request);
  return {
    handler,
    fetch: (input, init) => handler(new Request(input, init)),
    faults,
    requests,
    clock,
    addBucket: (name, settings) => {
      store.addBucket(name, {}, settings);
    },
    object: (bucket, name) => store.object(bucket, name),
    objects: (bucket) => store.objects(bucket),
    replay: (request) => carryOut(service, request).response,
  };
}

/**
 * The requests that are under way. A request follows the signal of its sender by a weak reference, and while nothing
 * answers it nothing else holds it: once it is collected it never hears of the abort, and its sender waits for ever.
 */
const underWay = new Set<Request>();

async function handle(service: Service, request: Request): Promise<Response> {
  const forget = (): void => void underWay.delete(request);
  underWay.add(request);
  try {
    const { answer, isSlow } = await answered(service, request);
    if (!isSlow) forget();
    return isSlow ? abortable(answer, request.signal, forget) : answer;
  } catch (error) {
    forget();
    throw error;
  }
}

/** `isSlow`: a client can still be reading it when it gives up. */
async function answered(
  service: Service,
  request: Request,
): Promise<{ readonly answer: Response; readonly isSlow: boolean }> {
  const { signal } = request;
  const body = new Uint8Array(await request.arrayBuffer());
  // A request that was given up before or while it was being sent never arrived.
  signal.throwIfAborted();
  const recorded = service.requests.open(describe(service.clock.now(), request, body));
  const answer = await untilAborted(perform(service, recorded), signal);
  const isSlow = service.drip !== undefined || recorded.faults.some((kind) => BROKEN_BODIES.has(kind));
  return { answer, isSlow };
}

/** The faults after which a client can still be reading when it gives up. */
const BROKEN_BODIES: ReadonlySet<string> = new Set(['truncate', 'drip', 'endless']);

/** The work's outcome, or the abort's reason if that comes first. The work itself goes on. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}

/** A request's whole way: what strikes it before, the work itself, what strikes the answer. */
async function perform(service: Service, request: RecordedRequest): Promise<Response> {
  for (const stroke of service.faults.strokes('before', request)) {
    const answer = await strike(service, request, stroke, undefined);
    if (answer !== undefined) return finish(service, request, answer);
  }
  const outcome = carryOut(service, request);
  let answer = outcome.response;
  request.applied = answer.status;
  request.isReplay = outcome.isReplay;
  for (const stroke of service.faults.strokes('after', request)) {
    answer = (await strike(service, request, stroke, answer)) ?? answer;
  }
  return finish(service, request, answer);
}

/** Sends an answer on its way, which takes as long as the service's latency says. */
async function finish(service: Service, request: RecordedRequest, answer: Response): Promise<Response> {
  if (service.latencyMs !== undefined) {
    const ms = service.latencyMs();
    if (!(ms >= 0)) throw new RangeError(`latencyMs must give a number of milliseconds from 0, got ${ms}.`);
    await service.sleep(ms);
  }
  request.status = answer.status;
  if (service.drip === undefined || answer.body === null) return answer;
  const body = new Uint8Array(await answer.arrayBuffer());
  return dripping(answer, body, service.drip, service.sleep);
}

/** One stroke. Gives the answer that takes the place of any other, or `undefined` to go on. */
async function strike(
  service: Service,
  request: RecordedRequest,
  stroke: Stroke,
  answer: Response | undefined,
): Promise<Response | undefined> {
  const { action } = stroke;
  switch (action.kind) {
    case 'status':
      return scriptedAnswer(action, dateHeader(service));
    case 'reset':
      throw connectionReset();
    case 'stall':
      return new Promise<never>(() => {});
    case 'delay':
      await service.sleep(action.ms);
      return undefined;
    case 'hold':
      await stroke.held();
      return undefined;
    case 'duplicate':
      carryOut(service, request);
      return undefined;
    case 'truncate':
    case 'drip':
    case 'endless':
      return answer === undefined ? undefined : breakAnswer(service, action, answer);
    default:
      return action satisfies never;
  }
}

async function breakAnswer(
  service: Service,
  action: Extract<AfterAction, { kind: 'truncate' | 'drip' | 'endless' }>,
  answer: Response,
): Promise<Response> {
  if (answer.body === null) {
    // There are no bytes to break off, drip or prolong: all that can break is the connection.
    if (action.kind === 'truncate') throw connectionReset();
    return answer;
  }
  if (action.kind === 'endless') return endless(answer);
  const body = new Uint8Array(await answer.arrayBuffer());
  if (action.kind === 'drip') return dripping(answer, body, action, service.sleep);
  return truncated(answer, body, action);
}
