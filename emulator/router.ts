import { ApiError, notImitated } from './errors.ts';

/** The calls this emulator imitates, by their names in Google's API definition. */
export type Operation =
  | 'buckets.insert'
  | 'buckets.get'
  | 'buckets.patch'
  | 'buckets.delete'
  | 'buckets.list'
  | 'objects.insert'
  | 'objects.get'
  | 'objects.patch'
  | 'objects.update'
  | 'objects.copy'
  | 'objects.rewrite'
  | 'objects.delete'
  | 'objects.list';

/** An object by its name. */
export interface ObjectName {
  readonly bucket: string;
  readonly object: string;
}

/** What a method and a path ask for. All names are decoded. Of a copy, `bucket` and `object` are what is written. */
export interface Route extends ObjectName {
  readonly operation: Operation;
  /** Empty for the calls about buckets in general. */
  readonly bucket: string;
  /** Empty for the calls that name no object in the path. */
  readonly object: string;
  /** What is copied; `undefined` for all other calls. */
  readonly source?: ObjectName;
}

/**
 * `/storage/v1` may be missing: that is how the official client of Node.js asks where the environment variable
 * STORAGE_EMULATOR_HOST names the server (seen with @google-cloud/storage 7.22).
 */
const PATH =
  /^(?<prefix>\/upload|\/download)?(?:\/storage\/v1)?\/b(?:\/(?<bucket>[^/]+)(?<objects>\/o(?:\/(?<object>[^/]+))?)?)?$/;

const COPY_PATH =
  /^(?:\/storage\/v1)?\/b\/(?<fromBucket>[^/]+)\/o\/(?<fromObject>[^/]+)\/(?<verb>copy|rewrite)To\/b\/(?<bucket>[^/]+)\/o\/(?<object>[^/]+)$/;

/**
 * Reads method and path. An object's name is one percent-encoded segment, `/` included.
 *
 * @throws ApiError 501 for a route that is not imitated, 400 for broken percent-encoding.
 */
export function findRoute(method: string, path: string): Route {
  const copy = method === 'POST' ? COPY_PATH.exec(path)?.groups : undefined;
  if (copy !== undefined) return copyRoute(copy);
  const groups = PATH.exec(path)?.groups;
  if (groups === undefined) throw notImitated(`${method} ${path}`);
  const bucket = decode(groups['bucket'] ?? '');
  const object = decode(groups['object'] ?? '');
  const operation = findOperation(method, groups['prefix'], bucket, groups['objects'] !== undefined, object);
  if (operation === undefined) throw notImitated(`${method} ${path}`);
  return { operation, bucket, object };
}

function copyRoute(groups: Readonly<Record<string, string>>): Route {
  const name = (group: string): string => decode(groups[group] ?? '');
  return {
    operation: groups['verb'] === 'copy' ? 'objects.copy' : 'objects.rewrite',
    bucket: name('bucket'),
    object: name('object'),
    source: { bucket: name('fromBucket'), object: name('fromObject') },
  };
}

function findOperation(
  method: string,
  prefix: string | undefined,
  bucket: string,
  aboutObjects: boolean,
  object: string,
): Operation | undefined {
  const level = object !== '' ? 'object' : aboutObjects ? 'objects' : bucket !== '' ? 'bucket' : 'buckets';
  switch (`${prefix ?? ''} ${method} ${level}`) {
    case ' POST buckets':
      return 'buckets.insert';
    case ' GET buckets':
      return 'buckets.list';
    case ' GET bucket':
      return 'buckets.get';
    case ' PATCH bucket':
      return 'buckets.patch';
    case ' DELETE bucket':
      return 'buckets.delete';
    case '/upload POST objects':
      return 'objects.insert';
    case ' POST objects':
      throw new ApiError(400, 'Upload requests must be sent to the /upload URI.', {
        reason: 'wrongUrlForUpload',
      });
    case ' GET objects':
      return 'objects.list';
    case ' GET object':
    case '/download GET object':
      return 'objects.get';
    case ' PATCH object':
      return 'objects.patch';
    case ' PUT object':
      return 'objects.update';
    case ' DELETE object':
      return 'objects.delete';
    default:
      return undefined;
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ApiError(400, `Invalid percent-encoding in the path: ${segment}`);
  }
}
