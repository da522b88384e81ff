/**
 * What is needed of an auth client of google-auth-library (9, 10 or 11): one that sends requests through
 * gaxios with its credentials.
 *
 * Structural, since the classes of two major versions are not assignable to one another, and since a
 * declaration file that imports an optional peer breaks users who check their libraries.
 */
export interface AuthClientLike {
  // A method on purpose: its parameter is then compared loosely, and the clients of every version fit.
  request(options: { readonly url: string }): Promise<unknown>;
}

/** What is needed of a `GoogleAuth` of google-auth-library (9, 10 or 11): it finds the auth client. */
interface GoogleAuthLike {
  getClient(): Promise<AuthClientLike>;
}

/** What the option `auth` takes: a `GoogleAuth`, or any auth client of google-auth-library. */
export type AuthLike = AuthClientLike | GoogleAuthLike;

/**
 * What is read of a `Bucket` of `@google-cloud/storage` (7 or 8): its name, and how its client reaches the
 * store. Structural for the same reason as {@link AuthClientLike}.
 */
export interface BucketLike {
  readonly name: string;
  /** The project that is billed, for requester-pays buckets. */
  readonly userProject?: string | undefined;
  readonly storage: {
    readonly apiEndpoint: string;
    readonly authClient: GoogleAuthLike;
    /** Whether the endpoint is not Google's own, an emulator's for instance. */
    readonly customEndpoint?: boolean | undefined;
    /** Whether credentials are sent to a custom endpoint too; they are not by default. */
    readonly useAuthWithCustomEndpoint?: boolean | undefined;
  };
}
