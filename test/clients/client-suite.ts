import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { GcsMutex } from '../../src/index.ts';
import type { Outcome, Player, Seen, StartPlayer } from './calls.ts';
import { HOLDER, LISTED, LOCK, LOCK_TTL_MS, SCENARIO, type World } from './scenario.ts';

const BUCKET = 'bucket-of-clients';

/** Plays the scenario with one client on the embedded emulator, behind a port. */
export function clientSuite(start: StartPlayer): void {
  let emulator: EmulatorServer;
  let player: Player;
  let world: World;
  const seen = new Map<string, Seen>();

  beforeAll(async () => {
    emulator = await startEmulator({ buckets: [BUCKET] });
    for (const name of LISTED) {
      const query = `uploadType=media&name=${encodeURIComponent(name)}`;
      const answer = await fetch(`${emulator.url}/upload/storage/v1/b/${BUCKET}/o?${query}`, {
        method: 'POST',
      });
      await answer.body?.cancel();
      expect(answer.status).toBe(200);
    }
    const mutex = new GcsMutex(BUCKET, LOCK, {
      apiEndpoint: emulator.url,
      ttlMs: LOCK_TTL_MS,
      holder: HOLDER,
      metadata: { ticket: '4711' },
    });
    world = { mutex, lease: undefined };
    player = await start(emulator.url, BUCKET);
  });

  afterAll(async () => {
    await player?.close();
    await emulator?.close();
  });

  it.each(SCENARIO)(
    '$title',
    async ({ before, call, expected }) => {
      await before?.(world);
      const latest = (name: string): Seen => {
        const found = seen.get(name);
        if (found === undefined) throw new Error(`the client has not seen ${name}`);
        return found;
      };
      const outcome = await player.play(call(latest));
      const wanted = expected(world) as Outcome;
      expect(outcome).toMatchObject(wanted);
      if (outcome.object === undefined) return;
      seen.set(outcome.object.name, outcome.object);
      expect(outcome.object.metadata).toEqual(wanted.object?.metadata);
    },
    60_000,
  );

  it('took the lock away from its holder, who finds out', async () => {
    await expect(world.lease?.refresh()).rejects.toMatchObject({ code: 'ERR_LEASE_LOST', reason: 'deleted' });
    expect(await world.mutex.status()).toBeUndefined();
  });

  it('asked for nothing that the emulator does not know', () => {
    const unknown = emulator.requests.all().filter(({ status }) => status === undefined || status >= 500);
    expect(unknown.map(({ method, url, status }) => `${method} ${url}: ${status}`)).toEqual([]);
  });
}
