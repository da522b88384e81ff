import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import { Child } from './child.ts';

const MIB = 1024 * 1024;
/** A gigabyte once it is unpacked, in one megabyte on the wire: gzip's parts may stand one behind the other. */
const BOMB = Buffer.concat(Array.from({ length: 16 }, () => gzipSync(Buffer.alloc(64 * MIB))));

it('row 27: a process keeps its size, however much it is answered', async () => {
  await using server = await startEmulator({ buckets: ['processes'] });
  const options = { apiEndpoint: server.url, ttlMs: 30_000, mutationIntervalMs: 0, requestTimeoutMs: 60_000 };
  await using child = new Child('processes', 'locks/one', options);
  const highest = async (): Promise<number> => {
    const before = child.heard;
    child.tell({ kind: 'memory' });
    return (await child.next('memory', before)).highestMib;
  };
  child.tell({ kind: 'acquire' });
  await child.next('granted');
  child.tell({ kind: 'release' });
  await child.next('released');
  const before = await highest();
  const bomb = { kind: 'status', status: 200, body: BOMB, headers: { 'content-encoding': 'gzip' } } as const;
  const endless = server.faults.add({ when: 'after', match: { method: 'POST' }, do: { kind: 'endless' } });
  const bombs = server.faults.add({ when: 'after', match: { method: 'GET' }, do: bomb, times: 3 });
  const heard = child.heard;
  child.tell({ kind: 'acquire' });
  await child.next('granted', heard);
  expect([endless.struck.length, bombs.struck.length]).toEqual([1, 3]);
  // Little of one bomb: how much of it is garbage at a time depends on when it is collected.
  expect((await highest()) - before).toBeLessThan(256);
});
