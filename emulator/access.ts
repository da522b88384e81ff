import { ApiError } from './errors.ts';
import type { StoredBucket } from './stored.ts';
import type { Operation } from './router.ts';

/** Who a bearer token stands for, and what it may do. */
export interface Caller {
  /** How refusals name it. Default `caller@emulated.test`. */
  readonly email?: string;
  /**
   * IAM permissions such as `storage.objects.create`, on everything there is. An overwrite needs
   * `storage.objects.delete` too. With `resourcemanager.projects.createBillingAssignment` a bucket whose
   * requester pays asks for no project.
   */
  readonly permissions: readonly string[];
  /** Projects that it may name as `userProject`. Default none. */
  readonly billableProjects?: readonly string[];
}

/** What one request has shown of itself. */
export interface Access {
  /**
   * Refuses the request unless its caller has a permission.
   *
   * @throws ApiError 401 for a request without a token, 403 for any other.
   */
  readonly demand: (permission: string) => void;
}

/** A request, as far as who may send it is concerned. */
interface Knock {
  readonly headers: Headers;
  readonly query: URLSearchParams;
  /** The buckets it is about, as far as they are there. */
  readonly buckets: readonly (StoredBucket | undefined)[];
}

/**
 * The permission that each call needs ("IAM permissions for JSON methods"). The URL of a resumable upload is its
 * own permission: whoever has it may send the bytes ("Resumable uploads").
 */
export const NEEDED: Readonly<Record<Operation, string | undefined>> = {
  'buckets.insert': 'storage.buckets.create',
  'buckets.get': 'storage.buckets.get',
  'buckets.patch': 'storage.buckets.update',
  'buckets.delete': 'storage.buckets.delete',
  'buckets.list': 'storage.buckets.list',
  'objects.insert': 'storage.objects.create',
  'objects.get': 'storage.objects.get',
  'objects.patch': 'storage.objects.update',
  'objects.update': 'storage.objects.update',
  'objects.copy': 'storage.objects.create',
  'objects.rewrite': 'storage.objects.create',
  'objects.delete': 'storage.objects.delete',
  'objects.list': 'storage.objects.list',
  'objects.move': 'storage.objects.create',
  'objects.compose': 'storage.objects.create',
  'uploads.start': 'storage.objects.create',
  'uploads.send': undefined,
  'uploads.cancel': undefined,
  'xml.objects.get': 'storage.objects.get',
};

const IN_AUTHORIZATION = { locationType: 'header', location: 'Authorization' };

/**
 * Says who a request comes from and who pays for it.
 *
 * @param tokens - the bearer tokens that are known. `undefined`: everybody may do everything.
 * @throws ApiError 401 for an unknown token, 400 or 403 for a project to bill that is missing or not allowed.
 */
export function admit(tokens: ReadonlyMap<string, Caller> | undefined, knock: Knock): Access {
  const caller = tokens === undefined ? undefined : callerOf(tokens, knock.headers);
  // The parameter wins over the header (kmoneil/zig-gcp `requester_pays.zig`, measured).
  const project = knock.query.get('userProject') ?? knock.headers.get('x-goog-user-project') ?? '';
  if (project !== '' && caller !== undefined && !(caller.billableProjects ?? []).includes(project)) {
    throw denied(caller, 'serviceusage.services.use');
  }
  const owns = caller?.permissions.includes('resourcemanager.projects.createBillingAssignment') === true;
  const asksForProject = knock.buckets.some((bucket) => bucket?.settings.requesterPays === true);
  if (asksForProject && project === '' && !owns) {
    const message = 'Bucket is a requester pays bucket but no user project provided.';
    throw new ApiError(400, message, { reason: 'required' });
  }
  return {
    demand(permission) {
      if (tokens === undefined || caller?.permissions.includes(permission) === true) return;
      throw denied(caller, permission);
    },
  };
}

/** The caller that a token stands for; `undefined` for a request that has none. */
function callerOf(tokens: ReadonlyMap<string, Caller>, headers: Headers): Caller | undefined {
  const authorization = headers.get('authorization');
  if (authorization === null) return undefined;
  const caller = tokens.get(/^Bearer (.+)$/i.exec(authorization)?.[1] ?? '');
  if (caller === undefined) throw new ApiError(401, 'Invalid Credentials', IN_AUTHORIZATION);
  return caller;
}

function denied(caller: Caller | undefined, permission: string): ApiError {
  const who = caller === undefined ? 'Anonymous caller' : (caller.email ?? 'caller@emulated.test');
  const what = `${who} does not have ${permission} access to the ${resourceOf(permission)}. Permission '${permission}' denied on resource (or it may not exist).`;
  return caller === undefined
    ? new ApiError(401, what, { reason: 'required', ...IN_AUTHORIZATION })
    : new ApiError(403, what);
}

/** What a permission is held on, as refusals say it. */
function resourceOf(permission: string): string {
  if (permission === 'storage.objects.list') return 'Google Cloud Storage bucket';
  if (permission.startsWith('storage.objects.')) return 'Google Cloud Storage object';
  const isOfProject = ['storage.buckets.create', 'storage.buckets.list'].includes(permission);
  return isOfProject || permission.startsWith('serviceusage.')
    ? 'Google Cloud project'
    : 'Google Cloud Storage bucket';
}
