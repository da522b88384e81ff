import { expect, it } from 'vitest';
import { createGoogleTransport } from '../../src/gcs/auth.ts';
import { resolveEndpoint } from '../../src/gcs/endpoint.ts';
import type { Transport } from '../../src/gcs/transport.ts';
import { GcsLocks } from '../../src/index.ts';
import { isKnownTo } from '../conformance/deviations/table.ts';
import { describeOnEach } from './on-each.ts';
import { freshBucket, type ServerKind } from './servers.ts';

/** Long enough that a busy machine costs no lease. */
const TTL_MS = 30_000;

/** What is built on the lock, end to end, over HTTP and through google-auth-library, on one server. */
function primitiveSuite(server: ServerKind | undefined, getUrl: () => string): void {
  const isUnguarded = isKnownTo(server, 'ignores guards');
  const open = async (): Promise<(transport?: Transport) => GcsLocks> => {
    const url = `gs://${await freshBucket(getUrl())}/limits`;
    const options = { apiEndpoint: getUrl(), ttlMs: TTL_MS, clockSkewMs: 0, mutationIntervalMs: 0 };
    return (transport) => new GcsLocks(url, options, transport === undefined ? {} : { transport });
  };

  it('a semaphore gives as many permits as there are, and each back', async () => {
    const locks = (await open())();
    const semaphore = locks.semaphore('reports', { permits: 2 });
    const two = await semaphore.acquire({ permits: 2 });
    expect(await semaphore.tryAcquire()).toBeUndefined();
    expect(await semaphore.status()).toMatchObject({ permits: 2, held: 2, free: 0 });
    await two.refresh();
    expect(await two.release()).toBe(true);
    expect(two.isHeld).toBe(false);
    expect(await semaphore.availablePermits()).toBe(2);
  });

  it('a semaphore goes by the number that is stored, and names another', async () => {
    const locks = (await open())();
    await locks.semaphore('reports', { permits: 2 }).run(() => undefined);
    expect(await locks.semaphore('reports').permits()).toBe(2);
    await expect(locks.semaphore('reports', { permits: 3 }).acquire()).rejects.toMatchObject({
      code: 'ERR_PERMITS_MISMATCH',
      stored: 2,
      given: 3,
    });
    await locks.semaphore('reports').setPermits(3);
    await locks.semaphore('reports', { permits: 3 }).run(() => undefined, { permits: 3 });
  });

  it('a pool gives each resource to one at a time, while others come and go', async () => {
    const locks = (await open())();
    const pool = locks.pool('accounts', { resources: ['anna', 'b/n'] });
    const held = await pool.acquire({ only: ['b/n'] });
    expect(await pool.tryAcquire({ only: ['b/n'] })).toBeUndefined();
    expect(await pool.add(['çarl'])).toEqual(['anna', 'b/n', 'çarl']);
    expect(await pool.remove(['anna', 'b/n'])).toEqual(['b/n']);
    expect((await pool.acquire()).resource).toBe('çarl');
    expect(await held.release()).toBe(true);
    expect((await pool.status()).counts).toEqual({ free: 0, held: 1, stale: 0, unusable: 0 });
    await expect(locks.pool('accounts', { resources: ['anna'] }).acquire()).rejects.toMatchObject({
      code: 'ERR_RESOURCES_MISMATCH',
      stored: ['çarl'],
    });
  });

  it('an event is waited for, and counts its sets', async () => {
    const locks = (await open())();
    const event = locks.event('imported');
    const waiting = event.wait({ timeoutMs: 10_000 });
    expect(await event.set('27 files')).toBe(1);
    expect(await waiting).toBe('27 files');
    expect(await event.set('28 files')).toBe(2);
    await event.clear();
    expect(await event.status()).toMatchObject({ isSet: false, setCount: 2 });
  });

  it(
    isUnguarded
      ? 'an event that is cleared is set by a late set from before'
      : 'an event that is cleared stays so when a late set from before arrives',
    async () => {
      const locks = await open();
      await locks().event('imported').clear();
      const held = new HeldUp(getUrl(), 'PATCH');
      const controller = new AbortController();
      const setting = locks(held.transport).event('imported').set('late', { signal: controller.signal });
      await held.arrived;
      controller.abort(new Error('enough'));
      await expect(setting).rejects.toThrow('enough');
      await locks().event('imported').clear();
      expect(await held.letGo()).toBe(isUnguarded ? 200 : 412);
      expect(await locks().event('imported').isSet()).toBe(isUnguarded);
    },
  );

  it('a rate limiter hands out its limit, to all together', async () => {
    const locks = await open();
    const options = { limit: 2, windowMs: 60_000 };
    const [one, other] = [locks(), locks()].map((each) => each.rateLimiter('mail', options));
    await one?.take();
    await one?.take();
    expect(await one?.tryTake()).toMatchObject({ ok: false });
    expect(await other?.tryTake()).toMatchObject({ ok: false });
    expect(await other?.status()).toMatchObject(options);
  });

  it('all of them are listed, and cleaned away when nobody uses them, a group no sooner than after a day', async () => {
    const locks = (await open())();
    await locks.semaphore('reports', { permits: 2 }).run(() => undefined);
    await locks.pool('accounts', { resources: ['anna'] }).run(() => undefined);
    await locks.event('imported').clear();
    await locks.rateLimiter('mail', { limit: 1, windowMs: 1_000 }).reset();
    const kinds = async (): Promise<string[]> => {
      const seen: string[] = [];
      for await (const { kind } of locks.list()) seen.push(kind);
      return seen.toSorted();
    };
    expect(await kinds()).toEqual(['event', 'pool', 'rate-limiter', 'semaphore']);
    await locks.clean({ staleForMs: 0 });
    expect(await kinds()).toEqual(['pool', 'semaphore']);
  });
}

/** A way to a server on which one write is held up, whatever becomes of its sender. */
class HeldUp {
  readonly arrived: Promise<void>;
  readonly transport: Transport;
  #send: () => Promise<number> = () => Promise.reject(new Error('nothing was held up'));

  constructor(url: string, method: string) {
    const send = createGoogleTransport({ endpoint: resolveEndpoint({ apiEndpoint: url, env: {} }) });
    let arrive: () => void;
    this.arrived = new Promise((resolve) => {
      arrive = resolve;
    });
    this.transport = (request, signal) => {
      if (request.method !== method) return send(request, signal);
      this.#send = async () => (await send(request, new AbortController().signal)).status;
      arrive();
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('cut off')));
      });
    };
  }

  /** Sends it after all; gives the status that is answered. */
  letGo(): Promise<number> {
    return this.#send();
  }
}

describeOnEach(primitiveSuite);
