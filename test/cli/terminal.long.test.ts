import { expect, it } from 'vitest';
import { urlOf } from './lock-store.ts';
import { blurred, describeInTerminal } from './terminal.ts';
import { AGE, HOUR_MS, JOB, LONG_AGE, openAt } from './terminal-store.ts';

const WIDE = 'locks/日本語の鍵-nightly';

describeInTerminal('a terminal', () => {
  it.concurrent.each([
    [80, /^waiting \d+s, held since (\d\d:){2}\d\d by the night job: gs:\/\/commands\/locks\/日本語?…$/],
    [
      120,
      /^waiting \d+s, held since (\d\d:){2}\d\d by the night job: gs:\/\/commands\/locks\/日本語の鍵-nightly$/,
    ],
  ])(
    'of %d columns shows a wait in one line that is drawn over, and takes it away',
    async (columns, line) => {
      const { store, terminal } = await openAt(columns);
      await using _store = store;
      await using _terminal = terminal;
      await store.hold(WIDE, { holder: 'the night job' });
      await terminal.enter(`clear; gcs-mutex run ${urlOf(WIDE)} -- echo 'it ran'`);
      const rows = await terminal.shows(line);
      expect(rows).toHaveLength(1);
      await terminal.shows(new RegExp(`waiting (?!${/\d+s/.exec(rows.join())?.[0]})\\d+s`));
      expect(await terminal.shows(line), 'it was drawn over').toHaveLength(1);
      await store.remove(WIDE);
      expect(await terminal.shows(/\n\$$/)).toEqual(['it ran', '$']);
    },
  );

  it.concurrent.each([
    [
      80,
      [
        'NAME                 HOLDER                HELD FOR  REFRESHED   TTL LEFT  STATE',
        'counter                                                                    free',
        'new                  gcs-mutex/2                                           newer',
        'reports/a-name-tha…  Cloud Run job night…  1d 1h     1d 1h ago   0s        stale',
        '日本語の鍵-nightly   the night job         2h 2_m    1h 1_m ago  1h 4_m    held',
      ],
    ],
    [
      120,
      [
        'NAME                                     HOLDER                                    HELD FOR  REFRESHED   TTL LEFT  STATE',
        'counter                                                                                                            free',
        'new                                      gcs-mutex/2                                                               newer',
        'reports/a-name-that-is-longer-than-most  Cloud Run job nightly-report, execution…  1d 1h     1d 1h ago   0s        stale',
        '日本語の鍵-nightly                       the night job                             2h 2_m    1h 1_m ago  1h 4_m    held',
      ],
    ],
  ])('of %d columns shows a table of locks of which nothing wraps', async (columns, table) => {
    const { store, terminal } = await openAt(columns);
    await using _store = store;
    await using _terminal = terminal;
    await store.hold(WIDE, { holder: 'the night job', ttlMs: 3 * HOUR_MS }, AGE);
    await store.hold('locks/reports/a-name-that-is-longer-than-most', { holder: JOB }, LONG_AGE);
    await store.hold('locks/counter', { state: 'free', counter: '7' });
    await store.put('locks/new', { schema: 'gcs-mutex/2' });
    await terminal.enter('clear; gcs-mutex list gs://commands/locks');
    expect(blurred(await terminal.shows(/\n\$$/))).toEqual([...table, '$']);
    await terminal.enter('clear; gcs-mutex watch --interval 100ms gs://commands/locks');
    const head = expect.stringMatching(/^4 locks below gs:\/\/commands\/locks\/ at \d\d:\d\d:\d\d$/);
    expect(blurred(await terminal.shows(/^4 locks [^]*held$/))).toEqual([head, '', ...table]);
    await store.remove(WIDE);
    await terminal.shows(/^3 locks [^]*stale$/);
    await terminal.press('C-c');
    const rows = await terminal.shows(/\n\$$/);
    expect(rows, 'it was drawn over, and the prompt begins a line').toHaveLength(8);
    expect(await terminal.hasCursor()).toBe(true);
  });

  it.concurrent('shows a hiccup of the store above the table that is drawn', async () => {
    const { store, terminal } = await openAt(80);
    await using _store = store;
    await using _terminal = terminal;
    await store.hold('locks/nightly');
    await terminal.enter('clear; gcs-mutex watch --interval 100ms gs://commands/locks');
    await terminal.shows('held');
    const match = { operation: 'objects.list' } as const;
    store.server.faults.add({ match, when: 'before', do: { kind: 'status', status: 403 } });
    await terminal.shows('Permission denied');
    await store.remove('locks/nightly');
    const rows = await terminal.shows(/^0 locks /m);
    expect(rows[0]).toMatch(/^gcs-mutex: Permission denied on /);
    expect(rows.filter((row) => /^\d locks? below|^NAME/.test(row))).toHaveLength(1);
    expect(rows.at(-1)).toMatch(/^0 locks /);
  });

  it.concurrent('is given back by Ctrl-Z as a shell wants it, and drawn on anew with fg', async () => {
    const { store, terminal } = await openAt(80);
    await using _store = store;
    await using _terminal = terminal;
    await store.hold('locks/nightly');
    await terminal.enter('clear; gcs-mutex watch --interval 1h gs://commands/locks');
    await terminal.shows('held');
    await terminal.press('C-z');
    await terminal.shows(/Stopped +gcs-mutex watch/);
    expect(await terminal.hasCursor()).toBe(true);
    await terminal.enter('fg');
    const rows = await terminal.shows(/fg$[^]*^nightly .*held$/m);
    expect(rows[0], 'what was drawn before is left alone').toMatch(/^1 lock below /);
  });

  it.concurrent.each(['stty rows 0 cols 0', 'export TERM=dumb'])(
    'that cannot be drawn on is told in lines: after %s',
    async (setting) => {
      const { store, terminal } = await openAt(120);
      await using _store = store;
      await using _terminal = terminal;
      await store.hold('locks/nightly', { holder: 'the night job' });
      await terminal.enter(`clear; ${setting}; gcs-mutex run ${urlOf('locks/nightly')} -- true`);
      await terminal.shows(
        /^gcs-mutex: waiting (\(waited \S+\) )?for gs:\S+nightly, held by the night job since/m,
      );
      await terminal.press('C-c');
      await terminal.enter('gcs-mutex watch --interval 100ms gs://commands/locks');
      await terminal.shows(/^1 lock [^]*the night job[^]*^1 lock [^]*the night job/m);
    },
  );

  it.concurrent('that is too low for a table shows its beginning, and how much is missing', async () => {
    const { store, terminal } = await openAt(80);
    await using _store = store;
    await using _terminal = terminal;
    for (let index = 0; index < 60; index += 1) await store.hold(`many/${String(index).padStart(2, '0')}`);
    await terminal.enter('clear; gcs-mutex watch --interval 100ms gs://commands/many');
    const rows = await terminal.shows('more');
    expect(rows[0]).toMatch(/^60 locks below /);
    expect(rows[2]).toMatch(/^NAME /);
    expect(rows.slice(3, -1).map((row) => row.slice(0, 2))).toEqual(
      Array.from({ length: 45 }, (_, index) => String(index).padStart(2, '0')),
    );
    expect(rows.at(-1)).toBe('and 15 more');
  });

  it.concurrent.each([
    [
      80,
      [
        'ok     credentials               none are sent, since this is an emulator',
        'ok     OAuth scope               none is needed, since no credentials are sent',
        'warn   versioning                every release and takeover leaves a copy of the',
        '                                 record behind, for ever unless a lifecycle rule',
        '                                 removes it',
        '                                 -> add a lifecycle rule that deletes noncurrent',
        '                                 versions below the prefix',
        '                                 (daysSinceNoncurrentTime: 1)',
        'ok     soft delete               off',
      ],
    ],
    [
      120,
      [
        'ok     credentials               none are sent, since this is an emulator',
        'ok     OAuth scope               none is needed, since no credentials are sent',
        'warn   versioning                every release and takeover leaves a copy of the record behind, for ever unless a',
        '                                 lifecycle rule removes it',
        '                                 -> add a lifecycle rule that deletes noncurrent versions below the prefix',
        '                                 (daysSinceNoncurrentTime: 1)',
        'ok     soft delete               off',
      ],
    ],
  ])('of %d columns shows what the doctor found, wrapped between words', async (columns, expected) => {
    const { store, terminal } = await openAt(columns);
    await using _store = store;
    await using _terminal = terminal;
    store.server.addBucket('kept-copies', { versioning: true });
    await terminal.enter('clear; gcs-mutex doctor gs://kept-copies/locks; echo "code $?"');
    const rows = await terminal.shows('code 1');
    const versioning = rows.findIndex((row) => row.includes('versioning'));
    const shown = [...rows.slice(0, 2), ...rows.slice(versioning, versioning + expected.length - 2)];
    expect(shown).toEqual(expected);
    const table = rows.slice(0, rows.indexOf('code 1'));
    for (const row of table) expect(row).toMatch(/^(ok|warn| {5}) +(\S.*? {2,}|(?<=^ {33}))\S/);
    expect(table.at(-1)).toMatch(/Google's regional prices$/);
  });
});
