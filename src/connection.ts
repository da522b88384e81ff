import { type Components, type Parts, resolveComponents } from './components.ts';
import { type Endpoint, resolveEndpoint } from './gcs/endpoint.ts';
import type { BucketLike } from './gcs/types.ts';
import type { GcsMutexOptions } from './options.ts';
import { checkConnectionOptions, resolveSettings, type Settings } from './settings.ts';

/** Where a store is, who asks it, and how. */
export interface Connection {
  readonly endpoint: Endpoint;
  readonly settings: Settings;
  readonly parts: Parts;
  readonly userProject: string | undefined;
}

/**
 * Checks what a constructor was given, and picks the parts to work with. Does no I/O.
 *
 * @throws TypeError or RangeError (`ERR_INVALID_ARGUMENT`) on wrong options.
 */
export function connect(
  bucket: string | BucketLike,
  options: GcsMutexOptions,
  components: Components,
): Connection {
  const bucketObject = typeof bucket === 'string' ? undefined : bucket;
  // First: an endpoint is no place to find out about a misspelt option.
  checkConnectionOptions(options);
  const { apiEndpoint, auth, userProject = bucketObject?.userProject } = options;
  const endpoint = resolveEndpoint({
    apiEndpoint,
    bucket: bucketObject,
    hasAuth: auth !== undefined,
    env: process.env,
  });
  const settings = resolveSettings(options, endpoint.isEmulator);
  return {
    endpoint,
    settings,
    parts: resolveComponents(components, endpoint, auth, bucketObject),
    userProject,
  };
}
