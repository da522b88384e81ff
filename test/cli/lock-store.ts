import { type EmulatorServer, type ServerOptions, startEmulator } from '../../emulator/index.ts';
import { encodeRecord, type LockRecord } from '../../src/protocol/record.ts';
import { related } from '../emulator/client.ts';
import { record } from '../gcs/tools.ts';
import { Command, type Ended, runToEnd, type StartOptions } from './command.ts';

/** How old a record is, milliseconds. */
interface Age {
  /** Since when it is held. Default: since now. */
  readonly heldFor?: number;
  /** When it was refreshed. Default: never, but when it was made. */
  readonly refreshedAgo?: number;
}

export const BUCKET = 'commands';

/** How long a holder lives that refreshes no more: longer than any test, so that none becomes stale behind its back. */
const TTL_MS = 1_800_000;

/** A store of a test's own with locks in it, at which a `gcs-mutex` looks. */
export class LockStore implements AsyncDisposable {
  readonly server: EmulatorServer;

  private constructor(server: EmulatorServer) {
    this.server = server;
  }

  static async open(options: ServerOptions = {}): Promise<LockStore> {
    return new LockStore(await startEmulator({ buckets: [BUCKET], ...options }));
  }

  /** Puts a record there as its holder wrote it some time ago, and refreshed it since. */
  async hold(name: string, changes: Partial<LockRecord> = {}, age: Age = {}): Promise<void> {
    const { heldFor = 0, refreshedAgo = heldFor } = age;
    const metadata = encodeRecord(record({ ttlMs: TTL_MS, ...changes }));
    await this.put(name, metadata, heldFor);
    if (refreshedAgo !== heldFor) await this.refresh(name, refreshedAgo);
  }

  /** Puts an object there that is whatever its metadata says. */
  async put(name: string, metadata: Readonly<Record<string, string>>, ago = 0): Promise<void> {
    const path = `/upload/storage/v1/b/${BUCKET}/o?uploadType=multipart&name=${encodeURIComponent(name)}`;
    const headers = { 'content-type': 'multipart/related; boundary=mark' };
    await this.#ask(ago, path, { method: 'POST', headers, body: related(JSON.stringify({ metadata }), '') });
  }

  /** What a holder's refresh does to the object. */
  async refresh(name: string, ago = 0): Promise<void> {
    const count = Number(this.server.object(BUCKET, name)?.metadata?.['refresh-count']);
    const body = JSON.stringify({ metadata: { 'refresh-count': String(count + 1) } });
    const headers = { 'content-type': 'application/json' };
    await this.#ask(ago, objectPath(name), { method: 'PATCH', headers, body });
  }

  /** Takes an object away, as its holder's release does. */
  async remove(name: string): Promise<void> {
    await this.#ask(0, objectPath(name), { method: 'DELETE' });
  }

  has(name: string): boolean {
    return this.server.object(BUCKET, name) !== undefined;
  }

  /** Starts a command that looks at this store. */
  start(args: readonly string[], options: Partial<StartOptions> = {}): Command {
    return new Command(args, { url: this.server.url, ...options });
  }

  /** Runs a command that looks at this store to its end. */
  run(args: readonly string[], options: Partial<StartOptions> = {}): Promise<Ended> {
    return runToEnd(args, { url: this.server.url, ...options });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server.close();
  }

  /** Asks the service while its clock is set back. */
  async #ask(ago: number, path: string, init: RequestInit): Promise<void> {
    const { clock, fetch, url } = this.server;
    clock.skewMs -= ago;
    const answer = await fetch(url + path, init).finally(() => (clock.skewMs += ago));
    if (!answer.ok) throw new Error(`${init.method} ${path}: ${answer.status} ${await answer.text()}`);
  }
}

/** A lock's URL. */
export function urlOf(name: string): string {
  return `gs://${BUCKET}/${name}`;
}

function objectPath(name: string): string {
  return `/storage/v1/b/${BUCKET}/o/${encodeURIComponent(name)}`;
}
