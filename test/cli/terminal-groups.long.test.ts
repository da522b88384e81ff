import { expect, it } from 'vitest';
import { GcsLocks } from '../../src/index.ts';
import { lockNameOf } from '../../src/protocol/pool.ts';
import { putPool, putSemaphore } from './groups.ts';
import { type LockStore, urlOf } from './lock-store.ts';
import { blurred, describeInTerminal } from './terminal.ts';
import { AGE, HOUR_MS, JOB, LONG_AGE, openAt } from './terminal-store.ts';

const HELD_BY_JOB = { holder: JOB, ttlMs: 3 * HOUR_MS };

const SEMAPHORE = 'locks/render-farm-of-the-second-floor';
const POOL = 'locks/vm';
const MACHINE = 'a-machine-whose-name-is-longer-than-most';

/** One of each kind. */
async function fill(store: LockStore): Promise<void> {
  await putSemaphore(store, SEMAPHORE, 3);
  await store.hold(`${SEMAPHORE}/slot-0000`, HELD_BY_JOB, AGE);
  await store.hold(`${SEMAPHORE}/slot-0002`, { holder: 'web-1' }, LONG_AGE);
  await putPool(store, POOL, ['blue', MACHINE, '日本語']);
  await store.hold(`${POOL}/${lockNameOf('日本語')}`, { ...HELD_BY_JOB, holder: 'web-1' }, AGE);
  await store.hold(`${POOL}/${lockNameOf(MACHINE)}`, HELD_BY_JOB, AGE);
  await store.hold(`${POOL}/${lockNameOf('old')}`, { holder: 'web-2', ttlMs: 3 * HOUR_MS }, AGE);
  const payload = 'gs://exports/2030-01-01/everything.csv and gs://exports/2030-01-01/the-rest.csv';
  const locks = new GcsLocks('gs://commands/locks', { apiEndpoint: store.server.url });
  await locks.event('imported').set(payload);
  const limiter = locks.rateLimiter('partner-api', { limit: 3, windowMs: HOUR_MS, once: true });
  expect(await limiter.tryTake(2)).toMatchObject({ ok: true });
  await limiter.release();
  await store.hold('locks/a-lock-of-its-own', HELD_BY_JOB, AGE);
}

const NAMES = [SEMAPHORE, POOL, 'locks/imported', 'locks/partner-api'];
/** What differs from one look to the next: moments, and how long ago they are or how soon they come. */
const MOMENT = /\d{4}-\d\d-\d\dT[\d:.]+Z/;
const SPAN = /\((in )?[\d.]+\w+( \d+s)?( ago)?\)/;

describeInTerminal('a terminal', () => {
  it.concurrent.each([
    [80, `waiting \\d+s, 1 of 1 permits held, longest since (\\d\\d:){2}\\d\\d by Cloud Run job n\\w*…`],
    [
      120,
      `waiting \\d+s, 1 of 1 permits held, longest since (\\d\\d:){2}\\d\\d by Cloud Run job nightly-report, execution nightly-report-\\w*…`,
    ],
  ])('of %d columns shows a wait for a permit in one line', async (columns, line) => {
    const { store, terminal } = await openAt(columns);
    await using _store = store;
    await using _terminal = terminal;
    await putSemaphore(store, SEMAPHORE, 1);
    await store.hold(`${SEMAPHORE}/slot-0000`, HELD_BY_JOB);
    await terminal.enter(`clear; gcs-mutex run --permits 1 ${urlOf(SEMAPHORE)} -- echo 'it ran'`);
    expect(await terminal.shows(new RegExp(`^${line}$`))).toHaveLength(1);
    await store.remove(`${SEMAPHORE}/slot-0000`);
    expect(await terminal.shows(/\n\$$/)).toEqual(['it ran', '$']);
  });

  it.concurrent.each([
    [80, 'gs://commands/locks/a-name-[a-z-]*…'],
    [120, 'gs://commands/locks/a-name-that-is-longer-than-most-of-them'],
  ])('of %d columns shows a wait for a rate limiter in one line', async (columns, shown) => {
    const { store, terminal } = await openAt(columns);
    await using _store = store;
    await using _terminal = terminal;
    const args = ['--limit', '1/1h', urlOf('locks/a-name-that-is-longer-than-most-of-them')];
    await store.run(['rate', ...args]);
    await terminal.enter(`clear; gcs-mutex rate ${args.join(' ')}`);
    const told = String.raw`^waiting \d+s, 1 of 1/1h in use, more in (5\dm|1h)( \d+s)?: `;
    const rows = await terminal.shows(new RegExp(`${told}${shown}$`));
    expect(rows).toHaveLength(1);
    await terminal.press('C-c');
    expect(await terminal.shows(/\$$/), 'it was taken away').toHaveLength(1);
  });

  it.concurrent.each([
    [
      80,
      [
        'NAME               HOLDER              HELD FOR  REFRESHED   TTL LEFT  STATE',
        'a-lock-of-its-own  Cloud Run job nig…  2h 2_m    1h 1_m ago  1h 4_m    held',
        'imported                                                               set',
        'partner-api        2 of 3/1h in use                                    limiter',
        'render-farm-of-t…  1 of 3 held, 1 stale                                semaphore',
        'vm                 2 of 3 held, 1 removed                              pool',
      ],
    ],
    [
      120,
      [
        'NAME                             HOLDER                                        HELD FOR  REFRESHED   TTL LEFT  STATE',
        'a-lock-of-its-own                Cloud Run job nightly-report, execution nig…  2h 2_m    1h 1_m ago  1h 4_m    held',
        'imported                                                                                                       set',
        'partner-api                      2 of 3/1h in use                                                              limiter',
        'render-farm-of-the-second-floor  1 of 3 held, 1 stale                                                          semaphore',
        'vm                               2 of 3 held, 1 removed                                                        pool',
      ],
    ],
  ])('of %d columns shows a table of all kinds of which nothing wraps', async (columns, table) => {
    const { store, terminal } = await openAt(columns);
    await using _store = store;
    await using _terminal = terminal;
    await fill(store);
    await terminal.enter('clear; gcs-mutex list gs://commands/locks');
    expect(blurred(await terminal.shows(/\n\$$/))).toEqual([...table, '$']);
    await terminal.enter('clear; gcs-mutex watch --interval 100ms gs://commands/locks');
    const head = expect.stringMatching(/^5 locks below gs:\/\/commands\/locks\/ at \d\d:\d\d:\d\d$/);
    expect(blurred(await terminal.shows(/^5 locks [^]*pool$/))).toEqual([head, '', ...table]);
  });

  it.concurrent.each([
    [
      80,
      [
        'gs://commands/locks/render-farm-of-the-second-floor is a semaphore: 1 of 3',
        '  held, 1 stale, 1 free; 2 can be had now',
        'NAME       HOLDER                          HELD FOR  REFRESHED   TTL LEFT  STATE',
        'slot-0000  Cloud Run job nightly-report,…  2h 2_m    1h 1_m ago  1h 4_m    held',
        'slot-0002  web-1                           1d 1h     1d 1h ago   0s        stale',
        'gs://commands/locks/vm is a pool: 2 of 3 held, 1 removed, 1 free',
        'NAME             HOLDER            HELD FOR  REFRESHED   TTL LEFT  STATE',
        'blue                                                               free',
        'a-machine-whos…  Cloud Run job n…  2h 2_m    1h 1_m ago  1h 4_m    held',
        '日本語           web-1             2h 2_m    1h 1_m ago  1h 4_m    held',
        'old              web-2             2h 2_m    1h 1_m ago  1h 4_m    held, removed',
        'gs://commands/locks/imported is an event, set since MOMENT',
        '  SPAN, set once so far',
        '  payload  gs://exports/2030-01-01/everything.csv and',
        '           gs://exports/2030-01-01/the-rest.csv',
        'gs://commands/locks/partner-api is a rate limiter: 2 of 3/1h in use',
        '  available  1',
        '  spent      2',
        '  more       at MOMENT SPAN',
      ],
    ],
    [
      120,
      [
        'gs://commands/locks/render-farm-of-the-second-floor is a semaphore: 1 of 3 held, 1 stale, 1 free; 2 can be had now',
        'NAME       HOLDER                                                        HELD FOR  REFRESHED   TTL LEFT  STATE',
        'slot-0000  Cloud Run job nightly-report, execution nightly-report-x7k2p  2h 2_m    1h 1_m ago  1h 4_m    held',
        'slot-0002  web-1                                                         1d 1h     1d 1h ago   0s        stale',
        'gs://commands/locks/vm is a pool: 2 of 3 held, 1 removed, 1 free',
        'NAME                                 HOLDER                                HELD FOR  REFRESHED   TTL LEFT  STATE',
        'blue                                                                                                       free',
        'a-machine-whose-name-is-longer-tha…  Cloud Run job nightly-report, execu…  2h 2_m    1h 1_m ago  1h 4_m    held',
        '日本語                               web-1                                 2h 2_m    1h 1_m ago  1h 4_m    held',
        'old                                  web-2                                 2h 2_m    1h 1_m ago  1h 4_m    held, removed',
        'gs://commands/locks/imported is an event, set since MOMENT SPAN, set once so far',
        '  payload  gs://exports/2030-01-01/everything.csv and gs://exports/2030-01-01/the-rest.csv',
        'gs://commands/locks/partner-api is a rate limiter: 2 of 3/1h in use',
        '  available  1',
        '  spent      2',
        '  more       at MOMENT SPAN',
      ],
    ],
  ])('of %d columns breaks what it says of one between words', async (columns, lines) => {
    const { store, terminal } = await openAt(columns);
    await using _store = store;
    await using _terminal = terminal;
    await fill(store);
    const status = 'gcs-mutex status gs://commands/$name';
    await terminal.enter(`clear; for name in ${NAMES.join(' ')}; do ${status}; done; echo end`);
    const rows = (await terminal.shows(/\nend$/m)).slice(0, -2);
    expect(blurred(rows.map((row) => row.replace(MOMENT, 'MOMENT').replace(SPAN, 'SPAN')))).toEqual(lines);
  });
});
