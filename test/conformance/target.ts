import type { Transport } from '../../src/gcs/transport.ts';

/** What a request is made with: the subset of `fetch` that these tests use. */
export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Send = (url: string, options?: RequestOptions) => Promise<Response>;

/** Where the objects of one test are: all that is in a bucket behind a prefix. */
export interface Place {
  readonly bucket: string;
  /** In front of every name. Empty where the bucket was made for this test alone. */
  readonly prefix: string;
  /** Takes away what the test has made, where anybody would miss the room. */
  readonly close?: () => Promise<void>;
}

/** A store that the suites run on. */
export interface Target {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Like `fetch`, with credentials where this store wants any, and no faster than it allows. */
  readonly send: Send;
  /** The library's own way to the same store. */
  readonly transport: Transport;
  /** Whether `send` brings credentials, so that a request can be sent with wrong ones. */
  readonly hasCredentials?: true;
  /** Finds room for one test. */
  readonly open: () => Promise<Place>;
}
