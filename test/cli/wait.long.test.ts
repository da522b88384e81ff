import { describe, expect, it } from 'vitest';
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
