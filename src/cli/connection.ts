import type { GcsMutexOptions } from '../index.ts';

/** What each command that talks to a store can be told. */
export interface ConnectionOptions {
  readonly apiEndpoint?: string;
  readonly userProject?: string;
  /** Milliseconds. */
  readonly requestTimeout?: number;
}

/** The same as the library takes it. */
export function connectionOptions(options: ConnectionOptions): GcsMutexOptions {
  return {
    apiEndpoint: options.apiEndpoint,
    userProject: options.userProject,
    requestTimeoutMs: options.requestTimeout,
  };
}
