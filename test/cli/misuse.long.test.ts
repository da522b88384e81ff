import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND, type Ended } from './command.ts';
import { LockStore } from './lock-store.ts';

let store: LockStore;
beforeAll(async () => {
  store = await LockStore.open();
});
afterAll(() => store[Symbol.asyncDispose]());

/** Runs what must not ask anything of the store. */
async function misuse(args: readonly string[]): Promise<Ended> {
  const before = store.server.requests.count;
  const ended = await store.run(args);
  expect(store.server.requests.count, 'nothing was asked of the store').toBe(before);
  return ended;
}

const LONG = 'é'.repeat(9_000);

describe('a command line that cannot be meant', () => {
  it.each([
    [['run', 'gs://commands/x', 'true'], /too many arguments.*; a command goes behind --\)/],
    [['rate', '--limit', '1/1h', 'gs://commands/x', 'ls', '-la'], /'-la' .*; a command goes behind --\)/],
    [['run', 'gs://commands/x', '--'], /no command/],
    [['run', '--', 'true'], /missing required argument 'url'/],
    [['run', 'commands/x', '--', 'true'], /url must be of the form gs:\/\/bucket\/name/],
    [['run', '--ttl', 'soon', 'gs://commands/x', '--', 'true'], /--ttl.*It must be a duration such as/],
    [['run', '--ttl', '1ms', 'gs://commands/x', '--', 'true'], /--ttl must be/],
    [['run', '--kill-after', '1m', 'gs://commands/x', '--', 'true'], /--kill-after must be below/],
    [['run', '-n', '-w', '5s', 'gs://commands/x', '--', 'true'], /cannot be used with/],
    [['run', '-E', '300', 'gs://commands/x', '--', 'true'], /whole number from 0 to 255/],
    [['run', '--metadata', 'x', 'gs://commands/x', '--', 'true'], /key=value/],
    [['run', '--on-lost', 'ignore', 'gs://commands/x', '--', 'true'], /kill, warn/],
    [['run', '--permits', '0', 'gs://commands/x', '--', 'true'], /--permits.*whole number from 1 to 4096/],
    [['run', '--permits', '2', '--only', 'a', 'gs://commands/x', '--', 'true'], /cannot be used with/],
    [['run', '--resources', 'a,,b', 'gs://commands/x', '--', 'true'], /a name in --resources must be/],
    [['run', '--frobnicate', 'gs://commands/x', '--', 'true'], /'--frobnicate' \(see gcs-mutex run --help\)/],
  ])('says 125 and why, before anything is sent: %j', async (args, message) => {
    const ended = await misuse(args);
    expect(ended).toMatchObject({ code: 125, stdout: '', stderr: expect.stringMatching(message) });
    expect(ended.stderr).toMatch(/^gcs-mutex: /);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  /** Bytes that no string holds can be given by a shell alone: `\\351` in the words stands for one of them. */
  const misuseByBytes = async (words: string): Promise<string> => {
    const before = store.server.requests.count;
    const line = `exec "$0" "$1" ${words.replaceAll(/\S*\\351\S*/g, (word) => `"$(printf '${word}')"`)}`;
    const env = { ...process.env, STORAGE_EMULATOR_HOST: store.server.url };
    const { code, stderr } = await new Promise<Pick<Ended, 'code' | 'stderr'>>((resolve) => {
      const child = execFile(
        'sh',
        ['-c', line, process.execPath, COMMAND],
        { env, timeout: 20_000 },
        (_error, _out, said) => resolve({ code: child.exitCode, stderr: said }),
      );
    });
    expect(code).toBe(125);
    expect(store.server.requests.count, 'nothing was asked of the store').toBe(before);
    return stderr;
  };

  it('says 125 where an argument of the command is not UTF-8, rather than to hand on another one', async () => {
    expect(await misuseByBytes(String.raw`run gs://commands/x -- touch caf\351`)).toMatch(
      /^gcs-mutex: an argument of the command is not UTF-8/,
    );
  });

  it.each([
    ['run', String.raw`gs://commands/caf\351 -- true`],
    ['run', String.raw`--holder caf\351 gs://commands/x -- true`],
    ['run', String.raw`--metadata key=caf\351 gs://commands/x -- true`],
    ['rate', String.raw`--limit 1/1h gs://commands/caf\351`],
    ['status', String.raw`gs://commands/caf\351`],
    ['list', String.raw`gs://commands/caf\351`],
    ['watch', String.raw`gs://commands/caf\351`],
    ['wait', String.raw`gs://commands/caf\351`],
    ['event', String.raw`set gs://commands/caf\351`],
    ['break', String.raw`--yes gs://commands/caf\351`],
    ['clean', String.raw`gs://commands/caf\351`],
    ['permits', String.raw`gs://commands/caf\351 3`],
    ['resources', String.raw`--add caf\351 gs://commands/x`],
    ['doctor', String.raw`gs://commands/caf\351`],
  ])('says 125 where %s would take two names for one, since they are not UTF-8: %s', async (name, words) => {
    expect(await misuseByBytes(`${name} ${words}`)).toMatch(
      new RegExp(
        `^gcs-mutex: an argument is not UTF-8, or holds U\\+FFFD, and .*: ".*caf\uFFFD" .see gcs-mutex ${name} --help`,
      ),
    );
  });

  it.each([
    [['run', '--ttl', LONG, 'gs://commands/x', '--', 'true']],
    [['run', `--ttl=${LONG}`, 'gs://commands/x', '--', 'true']],
    [['run', `-w${LONG}`, 'gs://commands/x', '--', 'true']],
    [['run', `--${LONG}`, 'gs://commands/x', '--', 'true']],
    [['run', '--metadata', `${LONG}=1`, '--metadata', `${LONG}=2`, 'gs://commands/x', '--', 'true']],
    [['run', '--holder', LONG, 'gs://commands/x', '--', 'true']],
    [['run', '--resources', LONG, 'gs://commands/x', '--', 'true']],
    [['run', 'gs://commands/x', '--', LONG]],
    [['run', 'gs://commands/x', '--', `/${LONG}`]],
    [['rate', '--limit', LONG, 'gs://commands/x']],
    [['event', LONG, 'gs://commands/x']],
    [['status', `gs://commands/${LONG}`]],
    [['status', `gs://${LONG}/x`]],
    [['status', '--api-endpoint', `http://x/${LONG}`, 'gs://commands/x']],
    [['emulator', '--bucket', LONG]],
    [['emulator', '--host', LONG]],
    [['demo', '--seed', LONG]],
    [[LONG]],
  ])('repeats no value of thousands of characters: %#', async (args) => {
    const { code, stderr } = await misuse(args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^gcs-mutex: .*\u00E9{60}.*…/);
    expect(stderr.length).toBeLessThan(1_000);
  });

  it('says to a program what is wrong with its arguments, too', async () => {
    const { code, stderr } = await misuse([
      'run',
      '--json',
      '-n',
      '-w',
      '5s',
      'gs://commands/x',
      '--',
      'true',
    ]);
    expect(code).toBe(125);
    expect(JSON.parse(stderr)).toEqual({
      event: 'error',
      code: 'ERR_INVALID_ARGUMENT',
      message: "option '-n, --no-wait' cannot be used with '-w, --wait' (see gcs-mutex run --help)",
      exitCode: 125,
    });
  });
});
