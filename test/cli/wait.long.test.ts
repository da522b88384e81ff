import { describe, expect, it } from 'vitest';
import { putSemaphore } from './groups.ts';
import { LockStore, urlOf } from './lock-store.ts';

const NIGHTLY = 'locks/nightly';
const WAIT = ['wait', urlOf(NIGHTLY)];
const RECORD = { holder: 'the night job' };

describe('wait', () => {
  it.concurrent('ends at once, without a word and with 0, where nobody holds the lock', async () => {
    await using store = await LockStore.open();
    expect(await store.run(WAIT)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.concurrent('takes a lock whose holder is dead for free, and leaves it as it is', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD, { heldFor: 3_600_000 });
    expect(await store.run(WAIT)).toMatchObject({ code: 0 });
    expect(store.server.object('commands', NIGHTLY)?.metageneration).toBe(1n);
  });

  it.concurrent('says for whom it waits, and ends when the lock is free', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    await using wait = store.start(WAIT);
    await wait.printed('stderr', '\n');
    expect(wait.stderr).toMatch(
      /^gcs-mutex: waiting( \(waited \S+\))? for gs:\S+nightly, held by the night job since \d\d:\d\d:\d\d\n$/,
    );
    expect(wait.hasEnded).toBe(false);
    await store.remove(NIGHTLY);
    expect(await wait.ended()).toMatchObject({ code: 0, stdout: '' });
  });

  it.concurrent.each([['0'], ['1s']])('ends with 124 when --wait %s has run out', async (wait) => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    const startedAt = performance.now();
    const ended = await store.run([...WAIT, '-w', wait]);
    expect(ended).toMatchObject({ code: 124, stdout: '' });
    expect(ended.stderr).toMatch(/\ngcs-mutex: gs:\S+nightly is still held after (0s|1s)\n$/);
    if (wait === '1s') expect(performance.now() - startedAt).toBeGreaterThan(1_000);
  });

  it.concurrent('says of what nobody holds with which command to wait for it', async () => {
    await using store = await LockStore.open();
    const [imported, mail] = [urlOf('events/imported'), urlOf('limits/mail')];
    await store.run(['event', 'set', imported]);
    await store.run(['rate', '--limit', '3/90s', mail]);
    expect(await store.run(['wait', imported])).toEqual({
      code: 125,
      stdout: '',
      stderr: `gcs-mutex: ${imported} is an event: wait until it is set with gcs-mutex event wait ${imported}\n`,
    });
    expect(await store.run(['wait', mail])).toEqual({
      code: 125,
      stdout: '',
      stderr: `gcs-mutex: ${mail} is a rate limiter: wait for a permit, and take it, with gcs-mutex rate --limit 3/90s ${mail}\n`,
    });
  });

  it.concurrent('says nothing with --quiet', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    expect(await store.run([...WAIT, '-q', '-w', '0'])).toEqual({ code: 124, stdout: '', stderr: '' });
  });

  it.concurrent('tells programs in one object that it is free, or who holds it', async () => {
    await using store = await LockStore.open();
    const json = [...WAIT, '--json', '-qw', '0'];
    const lock = urlOf(NIGHTLY);
    const waitedMs = expect.any(Number);
    const free = await store.run(json);
    expect(free).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(free.stdout)).toEqual({ lock, state: 'free', waitedMs });
    await store.hold(NIGHTLY, RECORD);
    const held = await store.run(json);
    expect(held).toMatchObject({ code: 124, stderr: '' });
    const since = expect.stringMatching(/^20\d\d-.*Z$/);
    expect(JSON.parse(held.stdout)).toEqual({
      lock,
      state: 'held',
      waitedMs,
      holder: 'the night job',
      since,
    });
    await store.remove(NIGHTLY);
    await putSemaphore(store, NIGHTLY, 1);
    await store.hold(`${NIGHTLY}/slot-0000`, RECORD);
    const spent = JSON.parse((await store.run(json)).stdout);
    expect(spent).toMatchObject({ lock, state: 'held', permits: 1, held: 1, holder: 'the night job', since });
  });

  it.concurrent('tells programs how long it took, and that it waits on standard error', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    await using wait = store.start([...WAIT, '--json']);
    await wait.printed('stderr', '\n');
    const waiting = { event: 'waiting', lock: urlOf(NIGHTLY), holder: 'the night job' };
    expect(JSON.parse(wait.stderr)).toMatchObject(waiting);
    expect(wait.stdout).toBe('');
    await store.remove(NIGHTLY);
    const { code, stdout } = await wait.ended();
    expect(code).toBe(0);
    expect(JSON.parse(stdout).waitedMs).toBeGreaterThanOrEqual(1_500);
  });

  it.concurrent('tells programs that nobody knows where the store never answered, and errors as JSON', async () => {
    await using store = await LockStore.open();
    store.server.faults.add({ when: 'before', times: Infinity, do: { kind: 'status', status: 503 } });
    const flags = ['--json', '-q', '--request-timeout', '500ms'];
    const silent = { code: 'ERR_STORE_UNAVAILABLE', message: expect.stringContaining('no usable answer') };
    const unknown = await store.run([...WAIT, ...flags, '-w', '200ms']);
    expect(unknown.code).toBe(124);
    const told = { lock: urlOf(NIGHTLY), waitedMs: expect.any(Number), ...silent };
    expect(JSON.parse(unknown.stdout)).toEqual({ ...told, state: 'unknown' });
    expect(JSON.parse(unknown.stderr)).toEqual({ ...told, event: 'not-free' });
    const failed = await store.run([...WAIT, ...flags, '-w', '0']);
    expect(failed).toMatchObject({ code: 125, stdout: '' });
    expect(JSON.parse(failed.stderr)).toMatchObject({ ...silent, event: 'error', exitCode: 125 });
  });

  it.concurrent('goes on while the store does not answer', async () => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    const outage = store.server.faults.add({
      when: 'before',
      times: Infinity,
      do: { kind: 'status', status: 503 },
    });
    await using wait = store.start([...WAIT, '--request-timeout', '500ms']);
    await wait.printed('stderr', 'of which the store says nothing');
    outage.remove();
    await wait.printed('stderr', 'held by the night job');
    await store.remove(NIGHTLY);
    expect((await wait.ended()).code).toBe(0);
  });

  it.concurrent('does not say that a lock is held where the store never answered', async () => {
    await using store = await LockStore.open();
    store.server.faults.add({ when: 'before', times: Infinity, do: { kind: 'status', status: 503 } });
    const ended = await store.run([...WAIT, '-w', '200ms', '--request-timeout', '500ms']);
    expect(ended).toMatchObject({ code: 124, stdout: '' });
    expect(ended.stderr).toMatch(
      /(^|\n)gcs-mutex: gs:\S+ was not seen to be free after 200ms: The store gave no usable answer [^\n]*\n$/,
    );
    expect(ended.stderr).not.toContain('held');
  });

  it.concurrent.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends by %s with %d', async (signal, code) => {
    await using store = await LockStore.open();
    await store.hold(NIGHTLY, RECORD);
    await using wait = store.start(WAIT);
    await wait.printed('stderr', 'waiting');
    wait.signal(signal);
    expect((await wait.ended()).code).toBe(code);
  });
});
