import type { Access } from './access.ts';
import type { ObjectStore } from './objects.ts';
import type { ObjectName } from './router.ts';
import type { Uploads } from './uploads.ts';

/** One request, read whole and ready to be carried out in one synchronous step. */
export interface Call {
  readonly bucket: string;
  /** Empty where the path names no object. */
  readonly object: string;
  /** What is copied; `undefined` for all other calls. */
  readonly source: ObjectName | undefined;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** Scheme and authority the client used, for the links in resources. */
  readonly origin: string;
  /** What else the caller may do: the call's own permission has been asked for. */
  readonly access: Access;
  readonly store: ObjectStore;
  readonly uploads: Uploads;
  /**
   * Counts a mutation of an object of this bucket, for the calls that change another one than they name.
   *
   * @throws ApiError 429 when it comes too soon.
   */
  readonly countMutation: (object: string) => void;
  /** Epoch milliseconds by the service's clock. */
  readonly now: number;
  /** What a guarded patch or delete of a missing object is answered with. */
  readonly missingObjectStatus: 404 | 412;
}

/** What a route answers: JSON to be cut down by `fields`, an object's bytes, nothing, or something of its own. */
export type Answer =
  | { readonly kind: 'json'; readonly value: unknown; readonly etag?: string | undefined }
  | {
      readonly kind: 'media';
      readonly status: 200 | 206;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
    }
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'plain';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly text?: string;
    };

/** Carries out one kind of call. Synchronous, so that no other call can come between its look and its write. */
export type RouteHandler = (call: Call) => Answer;
