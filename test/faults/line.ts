import type { Transport, TransportRequest } from '../../src/gcs/transport.ts';
import { TransportError } from '../../src/gcs/transport.ts';
import { PROCESS_HEADER } from './history.ts';

/** What can be wrong below HTTP: where nobody listens, whom nobody knows, who speaks no TLS, whom nobody vouches for. */
export type Detour = 'refused' | 'no-name' | 'no-tls' | 'bad-certificate';

/** Requests that were led astray. */
export interface Diversion {
  readonly struck: readonly TransportRequest[];
}

/** What a way to the store knows of the world around it. */
export interface Surroundings {
  /** Gives a request another destination, or throws what comes of it there. */
  readonly lead: (request: TransportRequest, to: Detour) => TransportRequest;
  readonly nowMs: () => number;
}

/** One process's way to the store: says who sends, and may lead requests astray. */
export class Line {
  readonly id: string;
  /** What was sent, in order, and when. */
  readonly sent: TransportRequest[] = [];
  readonly sentAtMs: number[] = [];
  /** How many of them somebody still waits for. */
  underWayCount = 0;
  readonly #transport: Transport;
  readonly #world: Surroundings;
  readonly #scripts: {
    only: (request: TransportRequest) => boolean;
    to: Detour;
    left: number;
    struck: TransportRequest[];
  }[] = [];

  constructor(id: string, transport: Transport, world: Surroundings) {
    this.id = id;
    this.#transport = transport;
    this.#world = world;
  }

  readonly transport: Transport = async (request, signal) => {
    this.sent.push(request);
    this.sentAtMs.push(this.#world.nowMs());
    const script = this.#scripts.find(({ only, left }) => left > 0 && only(request));
    if (script !== undefined) {
      script.left -= 1;
      script.struck.push(request);
    }
    this.underWayCount += 1;
    try {
      const sent = script === undefined ? request : this.#world.lead(request, script.to);
      const headers = { ...sent.headers, [PROCESS_HEADER]: this.id };
      return await this.#transport({ ...sent, headers }, signal);
    } finally {
      this.underWayCount -= 1;
    }
  };

  /** The same, with more headers on every request. */
  with(headers: Readonly<Record<string, string>>): Transport {
    return (request, signal) =>
      this.transport({ ...request, headers: { ...request.headers, ...headers } }, signal);
  }

  divert(only: (request: TransportRequest) => boolean, to: Detour, times: number): Diversion {
    const script = { only, to, left: times, struck: [] };
    this.#scripts.push(script);
    return script;
  }
}

/** What the real transport makes of a detour, for a world without a network. */
export function detourError(to: Detour): TransportError {
  switch (to) {
    case 'refused':
    case 'no-name':
      return new TransportError('unsent', 'The server could not be reached.');
    case 'no-tls':
      return new TransportError('interrupted', 'The connection failed before the whole answer came.');
    case 'bad-certificate':
      return new TransportError('untrusted', "The server's certificate is not accepted.");
    default:
      return to satisfies never;
  }
}
