import { ApiError, notImitated } from './errors.ts';

/**
 * The calls this emulator imitates, by their names in Google's API definition. A resumable upload is an insert
 * there, but in several requests: one starts it, others send its bytes or cancel it. `xml.objects.get` is the XML
 * API's GET Object.
 */
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
  | 'objects.list'
  | 'objects.move'
  | 'objects.compose'
  | 'uploads.start'
  | 'uploads.send'
  | 'uploads.cancel'
  | 'xml.objects.get';

/** An object by its name. */
export interface ObjectName {
  readonly bucket: string;
  readonly object: string;
}

/** What a method and a path ask for. All names are decoded. Of a copy or a move, `bucket` and `object` are what is written. */
export interface Route extends ObjectName {
  readonly operation: Operation;
  /** Empty for the calls about buckets in general. */
  readonly bucket: string;
  /** Empty for the calls that name no object in the path. */
  readonly object: string;
  /** What is copied or moved; `undefined` for all other calls. */
  readonly source?: ObjectName;
}

/**
 * `/storage/v1` may be missing: that is how the official client of Node.js asks where the environment variable
 * STORAGE_EMULATOR_HOST names the server (seen with @google-cloud/storage 7.22). `gcloud` starts a resumable upload
 * below `/resumable`, as the API definition has it.
 */
const PATH =
  /^(?:\/resumable(?=\/upload))?(?<prefix>\/upload|\/download)?(?:\/storage\/v1)?\/b(?:\/(?<bucket>[^/]+)(?<objects>\/o(?:\/(?<object>[^/]+))?)?)?$/;

/** What is posted to an object: `/copyTo/b/BUCKET/o/OBJECT` or `/rewriteTo` the same, `/moveTo/o/OBJECT`, `/compose`. */
const POST_PATH =
  /^(?:\/storage\/v1)?\/b\/(?<atBucket>[^/]+)\/o\/(?<atObject>[^/]+)\/(?<verb>(?:copyTo|rewriteTo)(?=\/b\/)|moveTo(?=\/o\/)|compose$)(?:(?:\/b\/(?<toBucket>[^/]+))?\/o\/(?<toObject>[^/]+))?$/;

/** An object by the XML API. What begins like a path of the JSON API is none. */
const XML_PATH =
  /^\/(?!(?:storage\/v1|(?:resumable\/)?upload|download|batch)(?:\/|$))(?<bucket>[^/]+)\/(?<object>.+)$/;

/**
 * Reads method and path. An object's name is one percent-encoded segment, `/` included.
 *
 * @throws ApiError 501 for a route that is not imitated, 400 for broken percent-encoding.
 */
export function findRoute(method: string, path: string, query: URLSearchParams): Route {
  const posted = method === 'POST' ? POST_PATH.exec(path)?.groups : undefined;
  if (posted !== undefined) return postedRoute(posted);
  const groups = PATH.exec(path)?.groups;
  if (groups === undefined) return xmlRoute(method, path);
  const bucket = decode(groups['bucket'] ?? '');
  const object = decode(groups['object'] ?? '');
  const isUpload = groups['prefix'] === '/upload' && groups['objects'] !== undefined && object === '';
  const operation = isUpload
    ? findUpload(method, query)
    : findOperation(method, groups['prefix'], bucket, groups['objects'] !== undefined, object);
  if (operation === undefined) throw notImitated(`${method} ${path}`);
  return { operation, bucket, object };
}

const POSTED: Readonly<Record<string, Operation>> = {
  copyTo: 'objects.copy',
  rewriteTo: 'objects.rewrite',
  moveTo: 'objects.move',
  compose: 'objects.compose',
};

function postedRoute(groups: Readonly<Record<string, string | undefined>>): Route {
  const at = { bucket: decode(groups['atBucket'] ?? ''), object: decode(groups['atObject'] ?? '') };
  const operation = POSTED[groups['verb'] ?? ''] ?? 'objects.compose';
  const { toBucket, toObject } = groups;
  if (toObject === undefined) return { operation, ...at };
  const bucket = toBucket === undefined ? at.bucket : decode(toBucket);
  return { operation, bucket, object: decode(toObject), source: at };
}

function xmlRoute(method: string, path: string): Route {
  const groups = ['GET', 'HEAD'].includes(method) ? XML_PATH.exec(path)?.groups : undefined;
  if (groups === undefined) throw notImitated(`${method} ${path}`);
  const { bucket = '', object = '' } = groups;
  return { operation: 'xml.objects.get', bucket: decode(bucket), object: decode(object) };
}

/** A resumable upload is started like any other upload, and has an address of its own from then on. */
function findUpload(method: string, query: URLSearchParams): Operation | undefined {
  const isStarted = query.has('upload_id');
  if (method === 'POST' && !isStarted) {
    return query.get('uploadType') === 'resumable' ? 'uploads.start' : 'objects.insert';
  }
  if (!isStarted) return undefined;
  if (method === 'PUT' || method === 'POST') return 'uploads.send';
  return method === 'DELETE' ? 'uploads.cancel' : undefined;
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
