import { inject } from 'vitest';

/**
 * How the requests of the tests' locks reach the store, set by the project of `vitest.config.ts`:
 * - `memory`: handed to a store in this process, with no network and no credentials;
 * - `bucket`: through a `Bucket` of `@google-cloud/storage`, its auth client, and HTTP, with a token;
 * - `auth`: through an auth client of google-auth-library and HTTP, with a token.
 */
export type Way = 'memory' | 'bucket' | 'auth';

/** What a project says of the way. */
export interface Through {
  readonly way: Way;
  /** The name under which the storage client is installed. */
  readonly storagePackage: string;
  /** How the auth client calls itself in every request. */
  readonly userAgent: string;
  /**
   * Whether it does not notice that an answer breaks off, and waits for the rest until the request's time is up:
   * node-fetch 2, below the storage client's version 7, does not.
   */
  readonly missesBrokenAnswers?: boolean;
}

declare module 'vitest' {
  interface ProvidedContext {
    through: Through | undefined;
    /** Whether the code under test is a mutant: only what takes next to no time is run. */
    isMutated: boolean | undefined;
    /** Under which name the google-auth-library is installed that processes of the tests load. */
    authPackage: string | undefined;
  }
}

const IN_MEMORY: Through = { way: 'memory', storagePackage: '@google-cloud/storage', userAgent: '' };

/** The way of the running project. */
export function through(): Through {
  return inject('through') ?? IN_MEMORY;
}
