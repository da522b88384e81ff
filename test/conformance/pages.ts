const DOCS = 'https://docs.cloud.google.com/storage/docs';

/** The pages that the claims rest on. */
export const PAGES = {
  bucketLock: `${DOCS}/bucket-lock`,
  cacheControl: `${DOCS}/metadata#cache-control`,
  consistency: `${DOCS}/consistency`,
  customMetadata: `${DOCS}/metadata#custom-metadata`,
  delete: `${DOCS}/json_api/v1/objects/delete`,
  encoding: `${DOCS}/request-endpoints#encoding`,
  generation: `${DOCS}/metadata#generation-number`,
  get: `${DOCS}/json_api/v1/objects/get`,
  insert: `${DOCS}/json_api/v1/objects/insert`,
  list: `${DOCS}/json_api/v1/objects/list`,
  naming: `${DOCS}/objects#naming`,
  object: `${DOCS}/json_api/v1/objects`,
  partialResponse: `${DOCS}/json_api#partial-response`,
  patch: `${DOCS}/json_api/v1/objects/patch`,
  preconditions: `${DOCS}/request-preconditions`,
  quotas: 'https://docs.cloud.google.com/storage/quotas',
  retry: `${DOCS}/retry-strategy`,
  softDelete: `${DOCS}/soft-delete`,
  statusCodes: `${DOCS}/json_api/v1/status-codes`,
  storageClasses: `${DOCS}/storage-classes`,
  versioning: `${DOCS}/object-versioning`,
} as const;

/** What no page of Google's says. */
export const ELSEWHERE = {
  /** Each patch counts, "even one that changes nothing". Measured. */
  emptyPatch: 'https://github.com/kmoneil/zig-gcp, notifications.md',
  /** `null` takes a key of custom metadata away. Measured. */
  nullRemoves: 'https://github.com/kmoneil/zig-gcp, metadata.zig',
  /** What the service does with a token that it has seen before. */
  idempotencyToken: 'https://github.com/googleapis/google-cloud-cpp/issues/12347',
  /** "An origin server with a clock MUST generate a Date header field in all 2xx, 3xx and 4xx responses." */
  date: 'https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1',
  /** Nobody: `clockSkewMs` is our own choice. */
  clockSkew: 'docs/decisions/0002-staleness-by-the-servers-clock.md',
} as const;
