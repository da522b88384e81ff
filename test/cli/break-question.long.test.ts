import { expect, it } from 'vitest';
import { urlOf } from './lock-store.ts';
import { describeInTerminal } from './terminal.ts';
import { openAt } from './terminal-store.ts';

const NIGHTLY = urlOf('locks/nightly');
const QUESTION = 'Break it? Its holder seems to be alive: two may work at once then. [y/N]';

/** A terminal of 80 columns, and a lock that is held. */
async function openHeld() {
  const opened = await openAt(80);
  await opened.store.hold('locks/nightly', { holder: 'the night job' });
  return opened;
}

describeInTerminal('break in a terminal', () => {
  it.concurrent.each([
    ['y', 'broken', 0],
    ['n', 'left alone', 1],
    ['', 'left alone', 1],
  ])('asks before a lock is broken, and does as it is told: %j', async (answer, result, code) => {
    const { store, terminal } = await openHeld();
    await using _store = store;
    await using _terminal = terminal;
    await terminal.enter(`clear; gcs-mutex break ${NIGHTLY}; echo "code $?"`);
    const rows = await terminal.shows('[y/N]');
    expect(rows[0]).toBe('gs://commands/locks/nightly is held by the night job');
    expect(rows.at(-1)).toBe(QUESTION);
    expect(store.has('locks/nightly')).toBe(true);
    await terminal.enter(answer);
    const end = await terminal.shows(/code \d/);
    expect(end).toContain(`gs://commands/locks/nightly: ${result}`);
    expect(end).toContain(`code ${code}`);
    expect(store.has('locks/nightly')).toBe(answer !== 'y');
  });

  it.concurrent.each(['C-c', 'C-d'])(
    'leaves a lock alone after %s, and says so on a line of its own',
    async (key) => {
      const { store, terminal } = await openHeld();
      await using _store = store;
      await using _terminal = terminal;
      await terminal.enter(`clear; gcs-mutex break ${NIGHTLY}; echo "code $?"`);
      await terminal.shows('[y/N]');
      await terminal.press(key);
      const rows = await terminal.shows(/code \d/);
      expect(rows.slice(-4)).toEqual([QUESTION, `${NIGHTLY}: left alone`, 'code 1', '$']);
      expect(store.has('locks/nightly')).toBe(true);
    },
  );

  it.concurrent('asks again after Ctrl-Z and fg, and hears the answer', async () => {
    const { store, terminal } = await openHeld();
    await using _store = store;
    await using _terminal = terminal;
    await terminal.enter(`clear; gcs-mutex break ${NIGHTLY}`);
    await terminal.shows('[y/N]');
    await terminal.press('C-z');
    await terminal.shows(/Stopped +gcs-mutex break/);
    await terminal.enter('clear; fg; echo "code $?"');
    await terminal.shows('[y/N]');
    await terminal.enter('y');
    const rows = await terminal.shows(/code \d/);
    expect(rows.slice(-3)).toEqual([`${NIGHTLY}: broken`, 'code 0', '$']);
    expect(store.has('locks/nightly')).toBe(false);
  });

  it.concurrent('shows who holds a lock before it asks, with --json as well', async () => {
    const { store, terminal } = await openHeld();
    await using _store = store;
    await using _terminal = terminal;
    await terminal.enter(`cd; clear; gcs-mutex break --json ${NIGHTLY} > result; echo "code $?"`);
    expect((await terminal.shows('[y/N]'))[0]).toBe(`${NIGHTLY} is held by the night job`);
    await terminal.enter('y');
    await terminal.shows('code 0');
    await terminal.enter('clear; cat result');
    await terminal.shows('"result":"broken"');
  });

  it.concurrent('does not ask where the question would not be seen', async () => {
    const { store, terminal } = await openHeld();
    await using _store = store;
    await using _terminal = terminal;
    await terminal.enter(`cd; clear; gcs-mutex break ${NIGHTLY} 2> said; echo "code $?"; cat said`);
    const rows = await terminal.shows('there is no terminal to ask on');
    expect(rows[0]).toBe('code 125');
  });
});
