import type { Place, Target } from './target.ts';

export type Query = Readonly<Record<string, string>>;

/** An object's resource, as far as it is looked at. All of it may be missing: servers differ. */
export interface ObjectJson {
  readonly name?: string;
  readonly generation?: string;
  readonly metageneration?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly updated?: string;
  readonly timeCreated?: string;
  readonly [field: string]: unknown;
}

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The resource in a 200; empty where there is none. */
  readonly object: ObjectJson;
  /** The resources in the 200 of a list. */
  readonly items: readonly ObjectJson[];
  /** Google's error body; empty where there is none. */
  readonly error: { readonly code?: number; readonly message?: string; readonly reason?: string };
}

export interface Insert {
  readonly query?: Query;
  readonly headers?: Query;
  /** What the request says of the object. */
  readonly resource?: { readonly contentType?: string; readonly [field: string]: unknown };
  readonly body?: string;
}

/** Plain calls of the JSON API on the objects of one test: one request each, written out here and not taken from `src/gcs`. */
export class Objects {
  readonly prefix: string;
  readonly #target: Pick<Target, 'origin' | 'send'>;
  readonly #bucket: string;

  constructor(target: Pick<Target, 'origin' | 'send'>, { bucket, prefix }: Place) {
    this.prefix = prefix;
    this.#target = target;
    this.#bucket = bucket;
  }

  /** The same calls in a bucket that nobody has. */
  inMissingBucket(): Objects {
    const bucket = `gcs-mutex-missing-${crypto.randomUUID()}`;
    return new Objects(this.#target, { bucket, prefix: this.prefix });
  }

  /** A multipart upload. Its name stands in the query, as documented, and in the JSON, where gcsemulator reads it. */
  insert(
    name: string,
    { query = {}, headers = {}, resource = {}, body = 'text' }: Insert = {},
  ): Promise<Answer> {
    const full = this.prefix + name;
    const path = `/upload/storage/v1/b/${encodeURIComponent(this.#bucket)}/o`;
    // In both places as well: nothing says which of two that differ would count.
    const { contentType = 'text/plain' } = resource;
    const json = JSON.stringify({ name: full, contentType, ...resource });
    const parts = [`application/json; charset=utf-8\r\n\r\n${json}`, `${contentType}\r\n\r\n${body}`];
    return this.#call('POST', path, { uploadType: 'multipart', name: full, ...query }, headers, {
      type: 'multipart/related; boundary=a-boundary',
      body: `${parts.map((part) => `--a-boundary\r\ncontent-type: ${part}\r\n`).join('')}--a-boundary--\r\n`,
    });
  }

  /** Changes what `change` names. */
  patch(name: string, change: object, query: Query = {}, headers: Query = {}): Promise<Answer> {
    const body = JSON.stringify(change);
    return this.#call('PATCH', this.#path(name), query, headers, { type: 'application/json', body });
  }

  get(name: string, query: Query = {}, headers: Query = {}): Promise<Answer> {
    return this.#call('GET', this.#path(name), query, headers);
  }

  remove(name: string, query: Query = {}, headers: Query = {}): Promise<Answer> {
    return this.#call('DELETE', this.#path(name), query, headers);
  }

  /** Lists what this test has made, or the part behind a further prefix. */
  list(prefix = '', query: Query = {}): Promise<Answer> {
    const path = `/storage/v1/b/${encodeURIComponent(this.#bucket)}/o`;
    return this.#call('GET', path, { prefix: this.prefix + prefix, ...query }, {});
  }

  /** The names in a list, without what stands in front of them all. */
  names({ items }: Answer): readonly string[] {
    return items.map(({ name = '' }) => this.withoutPrefix(name));
  }

  withoutPrefix(name: string): string {
    return name.startsWith(this.prefix) ? name.slice(this.prefix.length) : `elsewhere: ${name}`;
  }

  /** One segment of the path: a slash in an object's name is part of the name. */
  #path(name: string): string {
    return `/storage/v1/b/${encodeURIComponent(this.#bucket)}/o/${encodeURIComponent(this.prefix + name)}`;
  }

  async #call(
    method: string,
    path: string,
    query: Query,
    headers: Query,
    content?: { readonly type: string; readonly body: string },
  ): Promise<Answer> {
    const { origin, send } = this.#target;
    const parameters = new URLSearchParams(query).toString();
    const response = await send(`${origin}${path}${parameters === '' ? '' : `?${parameters}`}`, {
      method,
      headers: { ...(content === undefined ? {} : { 'content-type': content.type }), ...headers },
      ...(content === undefined ? {} : { body: content.body }),
    });
    return readAnswer(response);
  }
}

async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const json = parse(text);
  const { error, items } = json;
  return {
    status,
    headers,
    text,
    object: status === 200 ? json : {},
    items: status === 200 && Array.isArray(items) ? items : [],
    error: typeof error === 'object' && error !== null ? errorOf(error) : {},
  };
}

function errorOf(error: {
  code?: number;
  message?: string;
  errors?: { reason?: string }[];
}): Answer['error'] {
  const { code, message, errors } = error;
  const reason = errors?.[0]?.reason;
  return {
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function parse(text: string): ObjectJson {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? { ...json } : {};
  } catch {
    return {};
  }
}

/** Both guards, as a lock sends them. */
export function both({ object }: Answer, changes: Query = {}): Query {
  const { generation = '', metageneration = '' } = object;
  return { ifGenerationMatch: generation, ifMetagenerationMatch: metageneration, ...changes };
}

/** The guard that a release sends. */
export function byGeneration({ object }: Answer): Query {
  return { ifGenerationMatch: object.generation ?? '' };
}
