import { createClock } from './clock.ts';
import { execute, refuse } from './execute.ts';
import { Faults } from './faults.ts';
import { Generations } from './generations.ts';
import { MutationLimit, mutationRate } from './mutation-limit.ts';
import { ObjectStore } from './objects.ts';
import { Replays, replayToken } from './replays.ts';
import { RequestLog, isMutation } from './request-log.ts';
import { findRoute } from './router.ts';
import type { EmulatorClock } from './clock.ts';
import type { Rendered } from './execute.ts';
import type { EmulatorOptions } from './options.ts';
import type { RecordedRequest } from './request-log.ts';

/** Everything that one emulated service consists of. */
export interface Service {
  readonly clock: EmulatorClock;
  readonly store: ObjectStore;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly replays: Replays;
  readonly mutationLimit: MutationLimit;
  /** In milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly missingObjectStatus: 404 | 412;
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
    faults: new Faults(),
    requests: new RequestLog(options.requestLogLimit ?? 10_000),
    replays: new Replays(clock, options.idempotencyReplayMs),
    mutationLimit: new MutationLimit(clock, mutationRate(options.mutationsPerSecond, options.mutationBurst)),
    sleep: options.sleep ?? defaultSleep,
    missingObjectStatus: options.missingObjectStatus ?? 404,
  };
}

/** What the service came to, and whether it only said again what it had said before. */
export interface Outcome {
  readonly response: Response;
  readonly isReplay: boolean;
}

/** Does what a request asks, at once and without any fault. */
export function carryOut(service: Service, request: RecordedRequest): Outcome {
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  const token = replayToken(request.operation, headers);
  const earlier = token === undefined ? undefined : service.replays.find(token);
  if (earlier !== undefined) return { response: respond(service, earlier), isReplay: true };
  let rendered: Rendered;
  try {
    const { operation, bucket, object } = findRoute(request.method, request.path);
    const { store, missingObjectStatus } = service;
    if (isMutation(request) && request.object !== '') service.mutationLimit.count(bucket, request.object);
    const { origin, searchParams: query } = url;
    const { body } = request;
    rendered = execute(operation, {
      bucket,
      object,
      query,
      headers,
      body,
      origin,
      store,
      now: service.clock.now(),
      missingObjectStatus,
    });
    if (token !== undefined) service.replays.remember(token, rendered);
  } catch (error) {
    rendered = refuse(error, url.searchParams.get('alt') === 'media');
  }
  return { response: respond(service, rendered), isReplay: false };
}

/** The `Date` header of an answer that is made now. */
export function dateHeader(service: Service): string {
  return new Date(service.clock.dateHeader()).toUTCString();
}

function respond(service: Service, { status, headers, body }: Rendered): Response {
  const date = dateHeader(service);
  if (body === undefined) return new Response(null, { status, headers: { ...headers, date } });
  // A copy, so that no reader of the answer can reach into the store.
  return new Response(Uint8Array.from(body), {
    status,
    headers: { ...headers, 'content-length': body.byteLength.toString(), date },
  });
}

function defaultSleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
