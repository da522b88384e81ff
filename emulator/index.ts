export { createEmulator } from './handler.ts';
export type { Emulator } from './handler.ts';
export type { EmulatorOptions } from './options.ts';
export { startEmulator } from './server.ts';
export type { EmulatorServer, ServerOptions } from './server.ts';
export type { Caller } from './access.ts';
export type { EmulatorClock } from './clock.ts';
export { errorBody } from './errors.ts';
export type { ErrorBody, ErrorDetail, ErrorDetails } from './errors.ts';
export type {
  AfterAction,
  BeforeAction,
  DelayAction,
  DripAction,
  DuplicateAction,
  EndlessAction,
  Fault,
  FaultMatch,
  FaultScope,
  Faults,
  HoldAction,
  ResetAction,
  ScriptedFault,
  StallAction,
  StatusAction,
  TruncateAction,
} from './faults.ts';
export type { GenerationOrder } from './generations.ts';
export type { LatencyDistribution } from './latency.ts';
export type { BucketSettings, ObjectAttributes, StoredObject } from './stored.ts';
export { isMutation } from './request-log.ts';
export type { RecordedRequest, RequestLog } from './request-log.ts';
export type { Operation } from './router.ts';
