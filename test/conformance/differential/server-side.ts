import { type Call, type Guard, GUARD_NAMES } from './calls.ts';

/** The parts of an object that matter, as an answer shows them. */
export interface Shown {
  readonly name: string;
  /** The step at which this server first showed this generation: its identity, whatever its number. */
  readonly bornAt: number;
  readonly metageneration: string | undefined;
  readonly size: string | undefined;
  readonly contentType: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  /** `undefined` in an expectation: whatever it shows. */
  readonly shown: readonly Shown[] | undefined;
}

interface ObjectJson {
  readonly name: string;
  readonly generation: string;
  readonly metageneration?: string;
  readonly size?: string;
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A number that no server gives to a generation. */
const NEVER_A_GENERATION = '12345';

/** A bucket on one server as a sequence of calls sees it: by HTTP alone, with this server's own numbers. */
export class ServerSide {
  readonly #url: string;
  readonly #bucket: string;
  readonly #live = new Map<string, ObjectJson>();
  /** All generations of a name, the latest last. */
  readonly #history = new Map<string, readonly string[]>();
  readonly #births = new Map<string, number>();

  constructor(url: string, bucket: string) {
    this.#url = url;
    this.#bucket = bucket;
  }

  isLive(name: string): boolean {
    return this.#live.has(name);
  }

  /** Makes a call, and keeps in mind what the answer shows. */
  async play(call: Call, step: number): Promise<Answer> {
    const response = await this.#send(call);
    const { status } = response;
    const text = await response.text();
    if (call.kind === 'delete' && response.ok) this.#live.delete(call.name);
    if (status !== 200 || call.kind === 'delete') return { status, shown: [] };
    if (call.kind === 'get-media') return { status, shown: [this.#media(call.name, response, text, step)] };
    if (call.kind === 'list') {
      const { items = [] }: { items?: readonly ObjectJson[] } = JSON.parse(text);
      return { status, shown: items.map((object) => this.#show(object, step)) };
    }
    const object: ObjectJson = JSON.parse(text);
    if (call.kind !== 'get') this.#remember(object);
    return { status, shown: [this.#show(object, step)] };
  }

  /** Takes an object away, whatever its version, so that no difference in it outlives the step that made it. */
  async clear(name: string): Promise<void> {
    await (await this.#send({ kind: 'delete', name, guards: {} })).text();
    this.#live.delete(name);
  }

  #remember(object: ObjectJson): void {
    const { name, generation } = object;
    const earlier = this.#history.get(name) ?? [];
    if (!earlier.includes(generation)) this.#history.set(name, [...earlier, generation]);
    this.#live.set(name, object);
  }

  #bornAt(generation: string, step: number): number {
    const bornAt = this.#births.get(generation) ?? step;
    this.#births.set(generation, bornAt);
    return bornAt;
  }

  #show({ name, generation, metageneration, size, contentType, metadata }: ObjectJson, step: number): Shown {
    const bornAt = this.#bornAt(generation, step);
    return { name, bornAt, metageneration, size, contentType, metadata };
  }

  #media(name: string, { headers }: Response, body: string, step: number): Shown {
    return {
      name,
      bornAt: this.#bornAt(headers.get('x-goog-generation') ?? '', step),
      metageneration: headers.get('x-goog-metageneration') ?? undefined,
      size: headers.get('content-length') ?? undefined,
      contentType: headers.get('content-type') ?? undefined,
      body,
    };
  }

  #send(call: Call): Promise<Response> {
    const objects = `${this.#url}/storage/v1/b/${this.#bucket}/o`;
    if (call.kind === 'list') return fetch(`${objects}?prefix=${encodeURIComponent(call.prefix)}`);
    const query = this.#guardsOf(call);
    if (call.kind === 'insert-multipart' || call.kind === 'insert-media') return this.#upload(call, query);
    if (call.kind === 'get-media') query.set('alt', 'media');
    const object = `${objects}/${encodeURIComponent(call.name)}?${query.toString()}`;
    if (call.kind === 'delete') return fetch(object, { method: 'DELETE' });
    if (call.kind !== 'patch') return fetch(object);
    const headers = { 'content-type': 'application/json' };
    return fetch(object, { method: 'PATCH', headers, body: JSON.stringify(call.change) });
  }

  #upload(
    call: Call & { kind: 'insert-multipart' | 'insert-media' },
    query: URLSearchParams,
  ): Promise<Response> {
    query.set('name', call.name);
    query.set('uploadType', call.kind === 'insert-media' ? 'media' : 'multipart');
    const contentType = call.kind === 'insert-media' ? call.contentType : 'multipart/related; boundary=mark';
    return fetch(`${this.#url}/upload/storage/v1/b/${this.#bucket}/o?${query.toString()}`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: call.kind === 'insert-media' ? call.body : related(call),
    });
  }

  #guardsOf(call: Exclude<Call, { kind: 'list' }>): URLSearchParams {
    const query = new URLSearchParams();
    for (const name of GUARD_NAMES) {
      const guard = call.guards[name];
      if (guard === undefined) continue;
      const isOnMetageneration = name.startsWith('ifMetageneration');
      query.set(
        name,
        isOnMetageneration ? this.#metageneration(call.name, guard) : this.#generation(call.name, guard),
      );
    }
    return query;
  }

  /** Of a name without a live object `matching` is the generation that was there last. */
  #generation(name: string, guard: Guard): string {
    if (guard === 'zero') return '0';
    const history = this.#history.get(name) ?? [];
    const live = this.#live.get(name)?.generation;
    const stale = history.findLast((generation) => generation !== live);
    return (guard === 'matching' ? (live ?? history.at(-1)) : stale) ?? NEVER_A_GENERATION;
  }

  #metageneration(name: string, guard: Guard): string {
    if (guard === 'zero') return '0';
    const current = Number(this.#live.get(name)?.metageneration ?? 1);
    return String(guard === 'matching' ? current : current > 1 ? current - 1 : 2);
  }
}

/** The name stands in both places: gcsemulator takes it from the JSON alone. */
function related({ name, contentType, metadata, body }: Call & { kind: 'insert-multipart' }): string {
  const json = JSON.stringify({ name, contentType, metadata });
  const parts = [`application/json; charset=UTF-8\r\n\r\n${json}`, `text/csv\r\n\r\n${body}`];
  return `${parts.map((part) => `--mark\r\nContent-Type: ${part}\r\n`).join('')}--mark--\r\n`;
}
