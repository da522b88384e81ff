import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import { Client, refusal, resource } from './client.ts';

describe('the server', () => {
  it('listens on a free port of this machine and says where', async () => {
    await using emulator = await startEmulator({ buckets: ['b'] });
    expect(emulator.port).toBeGreaterThan(0);
    expect(emulator.url).toBe(`http://127.0.0.1:${emulator.port}`);
    const client = new Client({ base: emulator.url, fetch });
    const inserted = await resource(client.insert('dir/x y%?#', { metadata: { metadata: { a: 'ü' } } }));
    expect(inserted).toMatchObject({ name: 'dir/x y%?#', metadata: { a: 'ü' } });
    expect(inserted['selfLink']).toBe(`${emulator.url}/storage/v1/b/b/o/dir%2Fx%20y%25%3F%23`);
    expect(await resource(client.get('dir/x y%?#'))).toEqual(inserted);
  });

  it('shows the same service in process and over HTTP', async () => {
    await using emulator = await startEmulator({ buckets: ['b'] });
    const near = new Client({ base: 'http://emulated.test', fetch: emulator.fetch });
    await resource(near.insert('x'));
    const far = await resource(new Client({ base: emulator.url, fetch }).get('x'));
    expect(far.generation).toBe(emulator.object('b', 'x')?.generation.toString());
    expect(emulator.requests.all().map(({ path }) => path)).toEqual([
      '/upload/storage/v1/b/b/o',
      '/storage/v1/b/b/o/x',
    ]);
  });

  it('sends the status without a body where there is none, and one Date header by its own clock', async () => {
    await using emulator = await startEmulator({ buckets: ['b'], clock: () => 0 });
    const client = new Client({ base: emulator.url, fetch });
    await resource(client.insert('x'));
    const notModified = await client.get('x', '?ifMetagenerationNotMatch=1');
    const deleted = await client.delete('x');
    for (const [answer, status] of [
      [notModified, 304],
      [deleted, 204],
    ] as const) {
      expect([answer.status, await answer.text()]).toEqual([status, '']);
      expect(answer.headers.get('date')).toBe('Thu, 01 Jan 1970 00:00:00 GMT');
    }
  });

  it('keeps what a request target says, even one that looks like a host', async () => {
    await using emulator = await startEmulator();
    expect(await refusal(fetch(`${emulator.url}//storage/v1/b/b`))).toMatchObject({ status: 501 });
    expect(emulator.requests.last()?.path).toBe('//storage/v1/b/b');
  });

  it('records a client that leaves in the middle of its request as no request', async () => {
    await using emulator = await startEmulator({ buckets: ['b'] });
    const socket = connect(emulator.port, '127.0.0.1');
    socket.write(
      'POST /upload/storage/v1/b/b/o?uploadType=media&name=x HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf',
    );
    await once(socket, 'ready');
    socket.end();
    socket.resume();
    await once(socket, 'close');
    await resource(new Client({ base: emulator.url, fetch }).insert('y'));
    expect(emulator.objects('b').map(({ name }) => name)).toEqual(['y']);
  });

  it('breaks all connections when it closes, may be closed twice, and gives its port back', async () => {
    const first = await startEmulator({ buckets: ['b'] });
    const fault = first.faults.add({ when: 'before', do: { kind: 'stall' } });
    const stalled = fetch(`${first.url}/storage/v1/b/b/o/x`);
    const failed = expect(stalled).rejects.toThrow('fetch failed');
    await fault.strikes();
    await first.close();
    await failed;
    await first.close();
    await using second = await startEmulator({ port: first.port });
    expect(second.port).toBe(first.port);
  });

  it('rejects when its port is taken', async () => {
    await using emulator = await startEmulator();
    await expect(startEmulator({ port: emulator.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
