import { FaultProxy } from '../faults/proxy.ts';
import type { Direction } from './history.ts';

/** A worker's way to the store. It may be cut more than once at a time: as its own fault, and as everybody's. */
export class Network implements AsyncDisposable {
  readonly #proxy: FaultProxy;
  readonly #cuts = new Set<{ readonly direction: Direction }>();

  private constructor(proxy: FaultProxy) {
    this.#proxy = proxy;
    const isCut = (direction: Direction): boolean =>
      [...this.#cuts].some((cut) => cut.direction === 'both' || cut.direction === direction);
    proxy.toServer = () => (isCut('to-store') ? 'lose' : 'pass');
    proxy.toClient = () => (isCut('from-store') ? 'lose' : 'pass');
  }

  static async to(url: string): Promise<Network> {
    return new Network(await FaultProxy.start(url));
  }

  get url(): string {
    return this.#proxy.url;
  }

  /** @returns what heals this cut. What was lost meanwhile stays lost. */
  cut(direction: Direction): () => void {
    const cut = { direction };
    this.#cuts.add(cut);
    return () => void this.#cuts.delete(cut);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy[Symbol.asyncDispose]();
  }
}
