import { writeFile } from 'node:fs/promises';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Ended } from './command.ts';
import { LockStore, urlOf } from './lock-store.ts';
import { scratchFolder } from './scratch.ts';

/** Each command that asks the store something, but for `doctor`, which tells of errors in its table. */
const COMMANDS: readonly (readonly [string, (url: string) => string[]])[] = [
  ['run', (url) => ['run', url, '--', 'echo', 'ran']],
  ['rate', (url) => ['rate', url, '--limit', '1/1h']],
  ['status', (url) => ['status', url]],
  ['event', (url) => ['event', 'set', url]],
  ['list', (url) => ['list', url]],
  ['watch', (url) => ['watch', url]],
  ['wait', (url) => ['wait', url, '-w', '0']],
  ['break', (url) => ['break', url, '--yes']],
  ['clean', (url) => ['clean', url]],
];
/** As above, where `--json` can be said. */
const JSON_COMMANDS = COMMANDS.filter(([name]) => name !== 'wait');

/** Puts flags behind the name of a command. */
const withFlags = ([name = '', ...args]: readonly string[], ...flags: string[]): string[] => [
  name,
  ...flags,
  ...args,
];

const expectOneLine = ({ code, stdout, stderr }: Ended): void => {
  expect([code, stdout]).toEqual([125, '']);
  expect(stderr).toMatch(/^gcs-mutex: [^\n]+\n$/);
};

describe('an error', () => {
  it.concurrent.each(COMMANDS)('of %s is one line that says what to do', async (_name, argsFor) => {
    await using store = await LockStore.open();
    const ended = await store.run(argsFor('gs://nobody-has-this/x'));
    expectOneLine(ended);
    expect(ended.stderr).toMatch(/bucket of .* does not exist: create it, or check its name/);
  });

  it.concurrent.each(JSON_COMMANDS)('of %s is one JSON object with --json', async (_name, argsFor) => {
    await using store = await LockStore.open();
    store.server.faults.add({ when: 'before', times: Infinity, do: { kind: 'status', status: 403 } });
    const { code, stdout, stderr } = await store.run(withFlags(argsFor(urlOf('x')), '--json', '-v'));
    expect([code, stdout]).toEqual([125, '']);
    expect(JSON.parse(stderr)).toEqual({
      event: 'error',
      code: 'ERR_PERMISSION_DENIED',
      message: expect.stringContaining('roles/storage.objectUser'),
      exitCode: 125,
      causes: ['ERR_PERMISSION_DENIED, HTTP 403, forbidden'],
    });
  });

  it.concurrent.each(COMMANDS.slice(0, 2))(
    'of %s has what lies behind it with --verbose',
    async (_name, argsFor) => {
      await using store = await LockStore.open();
      store.server.faults.add({ when: 'before', times: Infinity, do: { kind: 'status', status: 403 } });
      const { code, stderr } = await store.run(withFlags(argsFor(urlOf('x')), '-v'));
      expect(code).toBe(125);
      expect(stderr).toMatch(/\ngcs-mutex: {3}ERR_PERMISSION_DENIED, HTTP 403, forbidden\n$/);
      expect(stderr, 'no stack').not.toMatch(/\n\s+at |:\d+:\d+/);
    },
  );

  it.concurrent.each(COMMANDS.filter(([name]) => name === 'wait' || name === 'list'))(
    'tells who puts a command behind %s that only run and rate start one',
    async (name, argsFor) => {
      await using store = await LockStore.open();
      const ended = await store.run([...argsFor(urlOf('x')), '--', 'echo', 'ran']);
      expectOneLine(ended);
      expect(ended.stderr).toContain(`only run and rate start a command, not ${name}`);
      expect(store.server.requests.count).toBe(0);
    },
  );

  it.concurrent.each([
    [
      ['statsu', 'gs://bucket/x'],
      /^gcs-mutex: unknown command 'statsu' \(Did you mean status\?\) \(see gcs-mutex --help\)\n$/,
    ],
    [['status'], /^gcs-mutex: missing required argument 'url' \(see gcs-mutex status --help\)\n$/],
    [
      ['list', '--stael', 'gs://bucket'],
      /^gcs-mutex: unknown option '--stael' \(Did you mean --stale\?\) \(see gcs-mutex list --help\)\n$/,
    ],
  ])('of the command line is one line that says where to look: %j', async (args, line) => {
    await using store = await LockStore.open();
    const ended = await store.run(args);
    expectOneLine(ended);
    expect(ended.stderr).toMatch(line);
  });

  it.concurrent.each([
    ['nothing at the endpoint', '127.0.0.1:1', /could not be reached \(ECONNREFUSED\).*Check the network/],
    ['no URL for an endpoint', 'http://user:hunter2@host', /must be an http or https origin/],
  ])('says that there is %s, without what is secret', async (_what, url, words) => {
    await using store = await LockStore.open();
    const ended = await store.run(['status', urlOf('x'), '--request-timeout', '6s'], { url });
    expectOneLine(ended);
    expect(ended.stderr).toMatch(words);
    expect(ended.stderr).not.toContain('hunter2');
  });

  it.concurrent('says that an object is no lock, or a newer one, and leaves it alone', async () => {
    await using store = await LockStore.open();
    await store.put('photo', {});
    await store.put('newer', { schema: 'gcs-mutex/2' });
    for (const [name, words] of [
      ['photo', /is not a lock of gcs-mutex .*choose another name/],
      ['newer', /newer version of gcs-mutex \(gcs-mutex\/2\)/],
    ] as const) {
      const ended = await store.run(['break', '--yes', urlOf(name)]);
      expectOneLine(ended);
      expect(ended.stderr).toMatch(words);
      expect(store.has(name)).toBe(true);
    }
  });
});

describe('credentials', () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const SECRETS: Readonly<Record<string, object>> = {
    'of a user': {
      type: 'authorized_user',
      client_id: 'some-id',
      client_secret: 'hunter2',
      refresh_token: 'hunter2',
    },
    'of a service account': {
      type: 'service_account',
      client_email: 'locks@example.iam.gserviceaccount.com',
      private_key_id: 'hunter2',
      private_key: privateKey,
    },
    'of a service account, its key cut off': {
      type: 'service_account',
      client_email: 'locks@example.iam.gserviceaccount.com',
      private_key: `-----BEGIN PRIVATE KEY-----\nhunter2${'A'.repeat(100)}\n`,
    },
  };

  it.concurrent.each([
    ...Object.keys(SECRETS).map((name) => [name, 'status'] as const),
    ['of a user', 'doctor'] as const,
  ])('%s are shown by no error of %s, however much it is asked to say', async (name, command) => {
    await using folder = await scratchFolder();
    const file = `${folder.path}/credentials.json`;
    await writeFile(file, JSON.stringify(SECRETS[name]));
    await using store = await LockStore.open();
    const env = { GOOGLE_APPLICATION_CREDENTIALS: file, HTTPS_PROXY: 'http://127.0.0.1:1' };
    // An empty setting is none: the requests are meant for Google, and get no further than that proxy.
    const args = [command, urlOf('x'), '--request-timeout', '8s', '--verbose', '--json'];
    const { code, stdout, stderr } = await store.run(args, { url: '', env });
    expect(code).toBe(command === 'doctor' ? 2 : 125);
    expect(stdout + stderr).toMatch(/token|credentials/);
    expect(stdout + stderr).not.toMatch(/hunter2|PRIVATE KEY/);
    expect(stdout + stderr).not.toContain(privateKey.split('\n')[3]);
  });
});
