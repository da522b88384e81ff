import { expect, it } from 'vitest';
import { GcsMutex } from '../../src/index.ts';
import { BUCKET, LockStore, urlOf } from './lock-store.ts';
import { describeInTerminal, Terminal } from './terminal.ts';

const NAME = 'locks/nightly';
/** Its lease lasts longer than any test, however long it is stopped. */
const RUN = `gcs-mutex run --ttl 30m ${urlOf(NAME)} --`;
/** Says its process id, and ends as soon as a file is there. */
const JOB = `sh -c 'echo $$ > pid; echo begun; until [ -e go ]; do sleep 0.1; done; echo finished'`;
/** Says the state of the job as soon as it is stopped. */
const STOPPED = 'until ps -o stat= $(cat pid) | grep ^T; do sleep 0.1; done';

const open = async () => {
  const store = await LockStore.open();
  const terminal = await Terminal.open({ url: store.server.url });
  await terminal.enter('cd; clear');
  return { store, terminal };
};

describeInTerminal('job control', () => {
  it.concurrent('stops a command with Ctrl-Z, and goes on with it and its lease with fg', async () => {
    const { store, terminal } = await open();
    await using _store = store;
    await using _terminal = terminal;
    await terminal.enter(`${RUN} ${JOB}`);
    await terminal.shows(/^begun$/m);
    await terminal.press('C-z');
    await terminal.shows(/Stopped +gcs-mutex run/);
    await terminal.enter(`clear; ${STOPPED}; touch go; jobs; echo listed`);
    const rows = await terminal.shows(/^listed$/m);
    expect(rows.join('\n')).toMatch(/Stopped +gcs-mutex run/);
    expect(rows[0], 'the command is stopped as well').toMatch(/^T/);
    expect(rows).not.toContain('finished');
    expect(store.has(NAME)).toBe(true);
    await terminal.enter('clear; fg; echo "code $?"');
    expect(await terminal.shows(/code \d/)).toContain('finished');
    expect(await terminal.rows()).toContain('code 0');
    expect(store.has(NAME), 'it was freed').toBe(false);
  });

  it.concurrent('says with fg that the lease was lost while all was stopped, and lets nothing go on', async () => {
    const { store, terminal } = await open();
    await using _store = store;
    await using _terminal = terminal;
    // Long enough for a busy machine to refresh in time.
    const flags = '--ttl 20s --clock-skew 0';
    await terminal.enter(`gcs-mutex run ${flags} ${urlOf(NAME)} -- ${JOB}`);
    await terminal.shows(/^begun$/m);
    await terminal.press('C-z');
    await terminal.shows(/Stopped +gcs-mutex run/);
    const rival = new GcsMutex(BUCKET, NAME, { apiEndpoint: store.server.url, clockSkewMs: 0 });
    await using lease = await rival.acquire({ timeoutMs: 600_000 });
    await terminal.enter('clear; touch go; fg; echo "code $?"');
    const rows = await terminal.shows(/code \d/);
    expect(rows.join('\n')).toMatch(/the lease was lost \((expired|taken-over)\)/);
    expect(rows).toContain('code 123');
    expect(rows).not.toContain('finished');
    expect(lease.isHeld).toBe(true);
  });

  it.concurrent('stops and goes on with a command that has a permit of a semaphore', async () => {
    const { store, terminal } = await open();
    await using _store = store;
    await using _terminal = terminal;
    await terminal.enter(`gcs-mutex run --ttl 30m --permits 1 ${urlOf(NAME)} -- ${JOB}`);
    await terminal.shows(/^begun$/m);
    await terminal.press('C-z');
    await terminal.shows(/Stopped +gcs-mutex run/);
    await terminal.enter(`clear; ${STOPPED}; touch go; echo listed`);
    expect((await terminal.shows(/^listed$/m))[0]).toMatch(/^T/);
    expect(store.has(`${NAME}/slot-0000`)).toBe(true);
    await terminal.enter('clear; fg; echo "code $?"');
    expect(await terminal.shows(/code 0/)).toContain('finished');
    expect(store.has(`${NAME}/slot-0000`), 'it was given back').toBe(false);
  });

  it.concurrent('stops and goes on with a wait', async () => {
    const { store, terminal } = await open();
    await using _store = store;
    await using _terminal = terminal;
    await store.hold(NAME, { holder: 'the night job' });
    await terminal.enter(`${RUN} echo 'it ran'`);
    await terminal.shows('by the night job');
    await terminal.press('C-z');
    await terminal.shows(/Stopped +gcs-mutex run/);
    await store.remove(NAME);
    await terminal.enter('clear; fg; echo "code $?"');
    const rows = await terminal.shows(/code \d/);
    expect(rows).toContain('it ran');
    expect(rows).toContain('code 0');
  });

  it.concurrent('ends a command with Ctrl-C, and hands on its exit code', async () => {
    const { store, terminal } = await open();
    await using _store = store;
    await using _terminal = terminal;
    await terminal.enter(`${RUN} ${JOB}`);
    await terminal.shows(/^begun$/m);
    await terminal.press('C-c');
    await terminal.shows(/\^C\$$/);
    await terminal.enter('echo "code $?"');
    await terminal.shows('code 130');
    expect(store.has(NAME)).toBe(false);
  });

  it.concurrent('lets a command read what is typed', async () => {
    const { store, terminal } = await open();
    await using _store = store;
    await using _terminal = terminal;
    await terminal.enter(`${RUN} sh -c 'echo begun; read answer; echo "heard $answer"'`);
    await terminal.shows(/^begun$/m);
    await terminal.enter('me');
    await terminal.shows(/^heard me$/m);
  });
});
