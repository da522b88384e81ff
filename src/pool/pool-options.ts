import { checkOptionNames } from '../arguments.ts';
import { outOfRange, wrongType } from '../gcs/invalid-argument.ts';
import { type LiveObjectOptions, LiveObjects } from './live-objects.ts';
import type { AcquireOptions, CallOptions } from '../mutex.ts';
import type { GcsMutexOptions } from '../options.ts';
import { checkResources } from './pool-resources.ts';
import type { PoolStatus } from './pool-status.ts';
import { callback, OPTION_NAMES } from '../settings.ts';

/** The settings of a pool: those of a lock, which count for each resource, and what there is. */
export interface GcsResourcePoolOptions<T = undefined> extends GcsMutexOptions, LiveObjectOptions<T> {
  /**
   * The names of the resources. They are stored by whoever acquires first; who leaves them out takes those that are
   * stored, and other names than those are an error. Names of 1 to 256 bytes of UTF-8, without control characters;
   * 6 000 bytes in all, each with three more. Default: the stored ones.
   */
  readonly resources?: readonly string[] | undefined;
}

/** What `acquire` and `run` of a pool take. */
export interface PoolAcquireOptions extends AcquireOptions {
  /** Takes one of these only; default, whichever is free. */
  readonly only?: readonly string[] | undefined;
}

/** What calls of a pool take that never wait for a resource. */
export interface PoolTryOptions extends CallOptions {
  /** Takes one of these only; default, whichever is free. */
  readonly only?: readonly string[] | undefined;
}

/** What `tryRun` of a pool gives: the callback's value, or how the pool stands. */
export type PoolTryRunResult<R> =
  | { readonly ran: true; readonly value: R }
  | { readonly ran: false; readonly status: PoolStatus };

const POOL_OPTION_NAMES = ['resources', 'create', 'destroy', 'maxIdle', 'onDestroyError'];

/** Checks what belongs to a pool alone, and tells it from what belongs to its locks. */
export function resolvePoolOptions<T>(options: GcsResourcePoolOptions<T>): {
  readonly given: readonly string[] | undefined;
  readonly live: LiveObjects<T>;
  readonly lockOptions: GcsMutexOptions;
} {
  checkOptionNames(options, 'options', [...OPTION_NAMES, ...POOL_OPTION_NAMES]);
  const { resources, create, destroy, maxIdle = 10, onDestroyError, ...lockOptions } = options;
  callback('create', create);
  callback('destroy', destroy);
  callback('onDestroyError', onDestroyError);
  checkMaxIdle(maxIdle);
  return {
    given: resources === undefined ? undefined : checkResources(resources, 'resources'),
    live: new LiveObjects({ create, destroy, onDestroyError }, maxIdle),
    lockOptions,
  };
}

function checkMaxIdle(value: unknown): void {
  if (typeof value !== 'number') throw wrongType('maxIdle', value, 'a whole number');
  if (!Number.isSafeInteger(value) || value < 0)
    throw outOfRange('maxIdle', value, 'a whole number, at least 0');
}
