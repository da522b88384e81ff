import { NEEDED, admit } from './access.ts';
import { createClock } from './clock.ts';
import { execute, refuse } from './execute.ts';
import { Faults } from './faults.ts';
import { Generations } from './generations.ts';
import { drawLatency } from './latency.ts';
import { MutationLimit, mutationRate } from './mutation-limit.ts';
import { ObjectStore } from './objects.ts';
import { Replays, replayToken } from './replays.ts';
import { RequestLog, isMutation } from './request-log.ts';
import { findRoute } from './router.ts';
import { Uploads } from './uploads.ts';
import type { Caller } from './access.ts';
import type { EmulatorClock } from './clock.ts';
import type { RefusalStyle, Rendered } from './execute.ts';
import type { EmulatorOptions } from './options.ts';
import type { RecordedRequest } from './request-log.ts';

/** Everything that one emulated service consists of. */
export interface Service {
  readonly clock: EmulatorClock;
  readonly store: ObjectStore;
  readonly uploads: Uploads;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly replays: Replays;
  readonly mutationLimit: MutationLimit;
  /** In milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /** How long each answer is under way; `undefined`: no time at all. */
  readonly latencyMs: (() => number) | undefined;
  /** How the body of every answer drips; `undefined`: it does not. */
  readonly drip: EmulatorOptions['drip'];
  readonly missingObjectStatus: 404 | 412;
  /** `undefined`: everybody may do everything. */
  readonly tokens: ReadonlyMap<string, Caller> | undefined;
}

/** A service as its options say, with the buckets that are there from the start. */
export function createService(options: EmulatorOptions): Service {
  const clock = createClock(options.clock);
  const generations = new Generations(options.generationOrder, options.generationSeed);
  const store = new ObjectStore(clock, generations);
  for (const name of options.buckets ?? []) store.addBucket(name);
  return {
    clock,
    store,
    uploads: new Uploads(),
    faults: new Faults(),
    requests: new RequestLog(options.requestLogLimit ?? 10_000),
    replays: new Replays(clock, options.idempotencyReplayMs),
    mutationLimit: new MutationLimit(clock, mutationRate(options.mutationsPerSecond, options.mutationBurst)),
    sleep: options.sleep ?? defaultSleep,
    latencyMs: latencyOf(options),
    drip: options.drip,
    missingObjectStatus: options.missingObjectStatus ?? 404,
    tokens: options.tokens,
  };
}

function latencyOf({ latencyMs, latencySeed = 1 }: EmulatorOptions): (() => number) | undefined {
  return typeof latencyMs === 'object' ? drawLatency(latencyMs, latencySeed) : latencyMs;
}

/** What the service came to, and whether it only said again what it had said before. */
export interface Outcome {
  readonly response: Response;
  readonly isReplay: boolean;
}

/** Does what a request asks, at once and without any fault. */
export function carryOut(service: Service, request: RecordedRequest): Outcome {
  const url = new URL(request.url);
  try {
    const { rendered, isReplay } = serve(service, request, url);
    return { response: respond(service, rendered, request.method === 'HEAD'), isReplay };
  } catch (error) {
    return { response: respond(service, refuse(error, refusalStyle(request))), isReplay: false };
  }
}

function refusalStyle(request: RecordedRequest): RefusalStyle {
  if (request.operation === 'xml.objects.get') return 'xml';
  return request.query['alt'] === 'media' ? 'text' : 'json';
}

/**
 * Who asks comes first, then what is remembered, then the limit of mutations, then the call itself.
 *
 * @throws ApiError for a request that is refused.
 */
function serve(
  service: Service,
  request: RecordedRequest,
  url: URL,
): { readonly rendered: Rendered; readonly isReplay: boolean } {
  const { store, uploads, missingObjectStatus, replays } = service;
  const { origin, searchParams: query } = url;
  const { operation, bucket, object, source } = findRoute(request.method, request.path, query);
  const headers = new Headers(request.headers);
  const buckets = [bucket, source?.bucket ?? bucket].map((name) => store.bucket(name));
  const access = admit(service.tokens, { headers, query, buckets });
  const needed = NEEDED[operation];
  if (needed !== undefined) access.demand(needed);
  const token = replayToken(operation, headers);
  const earlier = token === undefined ? undefined : replays.find(token);
  if (earlier !== undefined) return { rendered: earlier, isReplay: true };
  const countMutation = (name: string): void => service.mutationLimit.count(bucket, name);
  // Of a resumable upload only the last byte changes the object.
  const isCounted = isMutation(request) && !operation.startsWith('uploads.');
  if (isCounted && request.object !== '') countMutation(request.object);
  const { body } = request;
  const now = service.clock.now();
  const asked = { bucket, object, source, query, headers, body, origin };
  const inService = { access, store, uploads, now, missingObjectStatus, countMutation };
  const rendered = execute(operation, { ...asked, ...inService });
  if (token !== undefined) replays.remember(token, rendered);
  return { rendered, isReplay: false };
}

/** The `Date` header of an answer that is made now. */
export function dateHeader(service: Service): string {
  return new Date(service.clock.dateHeader()).toUTCString();
}

/** @param isHead - whether the answer has no body, only the headers of one. */
function respond(service: Service, { status, headers, body }: Rendered, isHead = false): Response {
  const date = dateHeader(service);
  if (body === undefined) return new Response(null, { status, headers: { ...headers, date } });
  // A copy, so that no reader of the answer can reach into the store.
  return new Response(isHead ? null : Uint8Array.from(body), {
    status,
    headers: { ...headers, 'content-length': body.byteLength.toString(), date },
  });
}

function defaultSleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
