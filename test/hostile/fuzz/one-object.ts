import type { TransportAnswer, TransportRequest } from '../../../src/gcs/transport.ts';
import { answer, googleError } from '../../gcs/tools.ts';

/** The live object, as JSON shows it. */
export interface Resource {
  readonly generation: string;
  readonly metageneration: string;
  readonly updated: string;
  readonly timeCreated: string;
  readonly metadata?: unknown;
  readonly [key: string]: unknown;
}

const START = Date.UTC(2030, 0, 1);

/**
 * A store with one object, which does what the five calls ask and checks their guards. It is what a million runs
 * can afford; the strict emulator is what all other tests use.
 */
export class OneObject {
  #object: Resource | undefined;
  #lastGeneration = 1_700_000_000_000_000;

  get object(): Resource | undefined {
    return this.#object;
  }

  /** Puts any object there, as somebody else would. `ageMs`: how long ago. */
  put(metadata: unknown, nowMs = 0, ageMs = 0): void {
    this.#insert(metadata, nowMs - ageMs);
  }

  /** Replaces the metadata of this generation, as somebody else would. */
  edit(metadata: unknown, nowMs: number): void {
    if (this.#object === undefined) return;
    const metageneration = String(Number(this.#object.metageneration) + 1);
    this.#object = { ...this.#object, metadata, metageneration, updated: timeAt(nowMs) };
  }

  readonly carryOut = (request: TransportRequest, nowMs: number): TransportAnswer => {
    const { searchParams } = new URL(request.url);
    const date = new Date(START + nowMs).toUTCString();
    const { status, body } = this.#perform(request, searchParams, nowMs);
    return answer(status, body, { date });
  };

  #perform(
    request: TransportRequest,
    query: URLSearchParams,
    nowMs: number,
  ): { status: number; body: unknown } {
    const isThere = this.#object !== undefined;
    const [generation, metageneration] = [query.get('ifGenerationMatch'), query.get('ifMetagenerationMatch')];
    const isMet =
      (this.#object?.generation ?? '0') === generation &&
      (metageneration === null || metageneration === this.#object?.metageneration);
    if (request.method === 'POST') {
      if (!isMet) return { status: 412, body: googleError(412, 'conditionNotMet') };
      return { status: 200, body: this.#insert(metadataIn(request.body?.split('\r\n')[3]), nowMs) };
    }
    if (!isThere) return { status: 404, body: googleError(404, 'notFound') };
    if (request.method === 'GET') return { status: 200, body: this.#object };
    if (!isMet) return { status: 412, body: googleError(412, 'conditionNotMet') };
    if (request.method === 'DELETE') {
      this.#object = undefined;
      return { status: 204, body: '' };
    }
    this.edit({ ...Object(this.#object?.metadata), ...Object(metadataIn(request.body)) }, nowMs);
    return { status: 200, body: this.#object };
  }

  #insert(metadata: unknown, nowMs: number): Resource {
    this.#lastGeneration += 1;
    const time = timeAt(nowMs);
    const version = { generation: String(this.#lastGeneration), metageneration: '1' };
    return (this.#object = { ...version, metadata, timeCreated: time, updated: time, size: '70' });
  }
}

function timeAt(nowMs: number): string {
  return new Date(START + Math.floor(nowMs)).toISOString();
}

function metadataIn(text = '{}'): unknown {
  const json: unknown = JSON.parse(text);
  return typeof json === 'object' && json !== null && 'metadata' in json ? json.metadata : undefined;
}
