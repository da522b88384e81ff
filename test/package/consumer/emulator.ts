/** A user of every name that `gcs-mutex/emulator` exports. */
import { createEmulator, errorBody, isMutation, startEmulator } from 'gcs-mutex/emulator';
import type {
  AfterAction,
  BeforeAction,
  BucketSettings,
  Caller,
  DelayAction,
  DripAction,
  DuplicateAction,
  Emulator,
  EmulatorClock,
  EmulatorOptions,
  EmulatorServer,
  EndlessAction,
  ErrorBody,
  ErrorDetail,
  ErrorDetails,
  Fault,
  FaultMatch,
  Faults,
  FaultScope,
  GenerationOrder,
  HoldAction,
  LatencyDistribution,
  ObjectAttributes,
  Operation,
  RecordedRequest,
  RequestLog,
  ResetAction,
  ScriptedFault,
  ServerOptions,
  StallAction,
  StatusAction,
  StoredObject,
  TruncateAction,
} from 'gcs-mutex/emulator';

const caller: Caller = { permissions: ['storage.objects.get'], billableProjects: ['billed'] };
const generationOrder: GenerationOrder = 'random';
const latencyMs: LatencyDistribution = { kind: 'logNormal', medianMs: 40, p99Ms: 400 };

/** Every option, with a value of each of its types. */
const options: Required<EmulatorOptions> = {
  buckets: ['b'],
  clock: () => 1_700_000_000_000,
  sleep: async () => undefined,
  latencyMs,
  latencySeed: 7,
  drip: { everyMs: 10, bytes: 4 },
  missingObjectStatus: 412,
  generationOrder,
  generationSeed: 7,
  idempotencyReplayMs: 0,
  mutationsPerSecond: 1,
  mutationBurst: 5,
  tokens: new Map([['token', caller]]),
  requestLogLimit: 100,
};

export async function serve(): Promise<string> {
  const listening: ServerOptions = { ...options, port: 0, host: '127.0.0.1' };
  const server: EmulatorServer = await startEmulator(listening);
  const { url, port } = server;
  await server.close();
  return `${url} ${port}`;
}

export async function answer(request: Request): Promise<Response> {
  const emulator: Emulator = createEmulator(options);
  const settings: BucketSettings = { retentionPeriodS: 60, versioning: true };
  emulator.addBucket('second', settings);
  const fetched: Response = await emulator.fetch('http://127.0.0.1/storage/v1/b?project=p');
  return fetched.ok ? fetched : emulator.handler(request);
}

/** One of each kind. */
const status: StatusAction = { kind: 'status', status: 429, reason: 'rateLimitExceeded' };
const reset: ResetAction = { kind: 'reset' };
const stall: StallAction = { kind: 'stall' };
const delay: DelayAction = { kind: 'delay', ms: 100 };
const hold: HoldAction = { kind: 'hold' };
const duplicate: DuplicateAction = { kind: 'duplicate' };
const truncate: TruncateAction = { kind: 'truncate', bytes: 3, isSilent: true };
const drip: DripAction = { kind: 'drip', everyMs: 10 };
const endless: EndlessAction = { kind: 'endless' };

export async function fail(faults: Faults): Promise<number> {
  const operation: Operation = 'objects.insert';
  const match: FaultMatch = { operation, query: { ifGenerationMatch: '0' }, where: (seen) => seen.id > 1 };
  const scope: FaultScope = { match, skip: 1, times: 2 };
  const before: readonly BeforeAction[] = [status, reset, stall, delay, hold, duplicate];
  const after: readonly AfterAction[] = [...before, truncate, drip, endless];
  for (const action of before) faults.add({ ...scope, when: 'before', do: action });
  const scripts: ScriptedFault[] = after.map((action): ScriptedFault => {
    const fault: Fault = { ...scope, when: 'after', do: action };
    return faults.add(fault);
  });
  await scripts[0]?.strikes(2);
  scripts[0]?.release();
  scripts[0]?.remove();
  faults.clear();
  return scripts.length;
}

export function look(emulator: Emulator, log: RequestLog, clock: EmulatorClock): readonly unknown[] {
  clock.skewMs = 500;
  clock.dateHeaderSkewMs = -1_000;
  const last: RecordedRequest | undefined = log.last();
  const again: Response | undefined = last && isMutation(last) ? emulator.replay(last) : undefined;
  const object: StoredObject | undefined = emulator.object('b', 'o');
  const attributes: ObjectAttributes | undefined = object;
  const listed: readonly StoredObject[] = emulator.objects('b');
  const seen = [...log].map((request) => `${request.method} ${request.status} ${request.applied}`);
  return [again, attributes?.metadata, object?.generation, listed, seen, clock.now(), clock.dateHeader()];
}

export function refusal(): string {
  const details: ErrorDetails = { reason: 'conditionNotMet', location: 'If-Match' };
  const body: ErrorBody = errorBody(412, 'Precondition Failed', details);
  const first: ErrorDetail | undefined = body.error.errors[0];
  return `${body.error.code} ${first?.reason}`;
}
