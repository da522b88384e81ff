/** What a client is asked to do, the same for every client. Numbers of versions are text, as in the API. */
export type Call =
  | ({
      readonly op: 'create';
      readonly name: string;
      /** The object's bytes are this text so many times. */
      readonly text: string;
      readonly repeat: number;
      readonly metadata: Readonly<Record<string, string>>;
    } & Guards)
  | { readonly op: 'describe'; readonly name: string }
  /** Without `length`: to the end. Without either: the whole object. */
  | { readonly op: 'read'; readonly name: string; readonly offset?: number; readonly length?: number }
  | ({
      readonly op: 'patch';
      readonly name: string;
      readonly metadata: Readonly<Record<string, string>>;
    } & Guards)
  | { readonly op: 'list'; readonly prefix: string; readonly delimiter: string }
  | ({ readonly op: 'delete'; readonly name: string } & Guards);

interface Guards {
  readonly ifGenerationMatch?: string;
  readonly ifMetagenerationMatch?: string;
}

/** What a client saw of an object, by the names of the JSON API. */
export interface Seen {
  readonly name: string;
  readonly generation: string;
  readonly metageneration: string;
  readonly size: string;
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly storageClass?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What came of a call: 200 for every success, else the status that the client tells. */
export interface Outcome {
  readonly status: number;
  /** Of `describe`. */
  readonly object?: Seen;
  /** Of `read`: how many bytes, and their MD5 in hexadecimal digits. */
  readonly size?: number;
  readonly md5?: string;
  /** Of `list`, in order. */
  readonly names?: readonly string[];
  readonly prefixes?: readonly string[];
}

/** A client that has been started. */
export interface Player {
  readonly play: (call: Call) => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

/** Starts a client for one bucket of the server at a URL. */
export type StartPlayer = (url: string, bucket: string) => Promise<Player>;
