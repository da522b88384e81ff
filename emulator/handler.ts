import { createClock } from './clock.ts';
import { ApiError } from './errors.ts';
import {
  abortable,
  connectionReset,
  dripping,
  endless,
  scriptedAnswer,
  truncated,
} from './broken-answers.ts';
import { execute, refuse } from './execute.ts';
import { Faults } from './faults.ts';
import { splitRelated } from './multipart.ts';
import { ObjectStore } from './objects.ts';
import { RequestLog } from './request-log.ts';
import { findRoute } from './router.ts';
import { parseObject } from './validate/object-body.ts';
import type { EmulatorClock } from './clock.ts';
import type { AfterAction, Stroke } from './faults.ts';
import type { GenerationOrder, StoredObject } from './objects.ts';
import type { RecordedRequest } from './request-log.ts';
import type { Route } from './router.ts';

/** How an emulator behaves. Everything is optional. */
export interface EmulatorOptions {
  /** Buckets that are there from the start. Their names are not checked. Default none. */
  readonly buckets?: readonly string[];
  /** Epoch milliseconds, for everything the service says of time. Default `Date.now`. */
  readonly clock?: () => number;
  /** How `delay` and `drip` faults wait, in milliseconds. Default a real timer. */
  readonly sleep?: (ms: number) => Promise<void>;
  /** The answer to a guarded patch or delete of a missing object; Google documents neither. Default 404. */
  readonly missingObjectStatus?: 404 | 412;
  /** Google promises unique generations, not growing ones; `decreasing` finds who relies on more. Default `increasing`. */
  readonly generationOrder?: GenerationOrder;
  /** How many requests `requests` keeps. Default 10 000. */
  readonly requestLogLimit?: number;
}

/** An emulated Cloud Storage service. */
export interface Emulator {
  /** From request to answer. Rejects where a connection would break, and with `signal.reason` on an abort. */
  readonly handler: (request: Request) => Promise<Response>;
  /** The same with the signature of `fetch`, to stand in for it in a client. */
  readonly fetch: typeof globalThis.fetch;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly clock: EmulatorClock;
  /** Makes an empty bucket, whose name is not checked. */
  readonly addBucket: (name: string) => void;
  /** The live object under a name, past all faults and unrecorded. */
  readonly object: (bucket: string, name: string) => StoredObject | undefined;
  /** All live objects of a bucket, by name, past all faults and unrecorded. */
  readonly objects: (bucket: string) => readonly StoredObject[];
  /** Carries a recorded request out once more, past all faults and unrecorded: a late duplicate. */
  readonly replay: (request: RecordedRequest) => Response;
}

/** Makes an emulated service that lives in this process and opens no port. */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const clock = createClock(options.clock);
  const store = new ObjectStore(clock, options.generationOrder);
  for (const name of options.buckets ?? []) store.addBucket(name);
  const faults = new Faults();
  const requests = new RequestLog(options.requestLogLimit ?? 10_000);
  const service: Service = {
    clock,
    store,
    faults,
    requests,
    sleep: options.sleep ?? defaultSleep,
    missingObjectStatus: options.missingObjectStatus ?? 404,
  };
  const handler = (request: Request): Promise<Response> => handle(service, request);
  return {
    handler,
    fetch: (input, init) => handler(new Request(input, init)),
    faults,
    requests,
    clock,
    addBucket: (name) => {
      store.addBucket(name);
    },
    object: (bucket, name) => store.object(bucket, name),
    objects: (bucket) => store.objects(bucket),
    replay: (request) => carryOut(service, request),
  };
}

interface Service {
  readonly clock: EmulatorClock;
  readonly store: ObjectStore;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly sleep: (ms: number) => Promise<void>;
  readonly missingObjectStatus: 404 | 412;
}

async function handle(service: Service, request: Request): Promise<Response> {
  const { signal } = request;
  const body = new Uint8Array(await request.arrayBuffer());
  // A request that was given up before or while it was being sent never arrived.
  signal.throwIfAborted();
  const recorded = service.requests.open(describe(service, request, body));
  const answer = await untilAborted(perform(service, recorded), signal);
  return recorded.faults.some((kind) => BROKEN_BODIES.has(kind)) ? abortable(answer, signal) : answer;
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
    if (answer !== undefined) return finish(request, answer);
  }
  let answer = carryOut(service, request);
  request.applied = answer.status;
  for (const stroke of service.faults.strokes('after', request)) {
    answer = (await strike(service, request, stroke, answer)) ?? answer;
  }
  return finish(request, answer);
}

function finish(request: RecordedRequest, answer: Response): Response {
  request.status = answer.status;
  return answer;
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

/** Does what a request asks, at once and without any fault. */
function carryOut(service: Service, request: RecordedRequest): Response {
  const url = new URL(request.url);
  const date = dateHeader(service);
  try {
    const route = findRoute(request.method, request.path);
    const headers = new Headers(request.headers);
    const { store, missingObjectStatus } = service;
    const { bucket, object, operation } = route;
    const { origin, searchParams: query } = url;
    const { body } = request;
    return execute(
      operation,
      { bucket, object, query, headers, body, origin, store, missingObjectStatus },
      date,
    );
  } catch (error) {
    return refuse(error, url.searchParams.get('alt') === 'media', date);
  }
}

function describe(
  service: Service,
  request: Request,
  body: Uint8Array,
): Omit<RecordedRequest, 'id' | 'applied' | 'status' | 'faults'> {
  const url = new URL(request.url);
  const query = Object.fromEntries(url.searchParams);
  const headers = Object.fromEntries(request.headers);
  const route = routeOf(request.method, url.pathname);
  const object =
    route?.operation === 'objects.insert' ? insertedName(query, headers, body) : (route?.object ?? '');
  return {
    at: service.clock.now(),
    method: request.method,
    url: request.url,
    path: url.pathname,
    query,
    headers,
    body,
    operation: route?.operation,
    bucket: route?.bucket ?? '',
    object,
  };
}

function routeOf(method: string, path: string): Route | undefined {
  return orUndefined(() => findRoute(method, path));
}

/** The name that an insert gives its object; empty when it cannot be read. */
function insertedName(
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): string {
  const name =
    query['name'] ??
    orUndefined(() => parseObject(splitRelated(headers['content-type'] ?? '', body).metadata)['name']);
  return typeof name === 'string' ? name : '';
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

function dateHeader(service: Service): string {
  return new Date(service.clock.dateHeader()).toUTCString();
}

function defaultSleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
