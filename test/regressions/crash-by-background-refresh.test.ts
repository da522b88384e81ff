import { expect, it } from 'vitest';
import type { Transport } from '../../src/gcs/transport.ts';
import { createTestBucket } from '../through/bucket.ts';
import { rest } from '../through/traffic.ts';

/**
 * Where a refresh runs in a timer and its failure is nobody's to catch, one broken answer of the store ends
 * the whole process, and with it the work that the lock guarded.
 */
const TROUBLES: readonly (readonly [string, () => Promise<never>])[] = [
  ['rejects with a foreign error', () => Promise.reject(new TypeError('fetch failed'))],
  ['rejects with nothing', () => Promise.reject()],
  [
    'throws before it gives a promise',
    () => {
      throw new RangeError('no promise at all');
    },
  ],
  ['gives what is no answer', () => Promise.resolve(undefined as never)],
];

for (const [what, trouble] of TROUBLES) {
  it(`a transport that ${what} in the background harms nothing but the lease`, async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
    const { clock, process: start } = createTestBucket();
    const player = start();
    let isBroken = false;
    const transport: Transport = (request, signal) =>
      isBroken ? trouble() : player.components.transport(request, signal);
    const errors: string[] = [];
    const options = { onRefreshError: ({ code }: { code: string }) => void errors.push(code) };
    const lease = await player.mutex('a', options, { transport }).acquire();
    isBroken = true;
    await clock.advance(60_000);
    expect(lease.lossError?.reason).toBe('expired');
    expect(new Set(errors)).toEqual(new Set(['ERR_STORE_UNAVAILABLE']));
    const releasing = lease.release().catch((reason: unknown) => reason);
    await clock.advance(10_000);
    expect(await releasing).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    await rest();
    expect(unhandled).toEqual([]);
    expect(player.machine.timerCount).toBe(0);
    process.off('unhandledRejection', note);
    process.off('uncaughtException', note);
  });
}
