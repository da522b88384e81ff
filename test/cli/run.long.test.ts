import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { GcsMutex, type Lease } from '../../src/index.ts';
import { Command, COMMAND, type Ended, runToEnd } from './command.ts';
import { LockStore, urlOf } from './lock-store.ts';

const BUCKET = 'commands';
let server: EmulatorServer;
let folder: string;
beforeAll(async () => {
  server = await startEmulator({ buckets: [BUCKET] });
  folder = await mkdtemp(join(tmpdir(), 'gcs-mutex-cli-'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

let count = 0;
/** A lock of its own for each test. */
function lock(): { readonly url: string; readonly name: string } {
  count += 1;
  const name = `locks/${count}`;
  return { url: `gs://${BUCKET}/${name}`, name };
}

/** Runs a command under a lock; the lock must be free afterwards. */
async function run(command: readonly string[], flags: readonly string[] = []): Promise<Ended> {
  const { url, name } = lock();
  const ended = await runToEnd(['run', ...flags, url, '--', ...command], { url: server.url });
  expect(server.object(BUCKET, name), 'the lock is free').toBeUndefined();
  return ended;
}

/** A program that prints its arguments, each in quotes. */
const SHOW = [process.execPath, '-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'];

describe('run', () => {
  it.concurrent.each([0, 1, 42, 123, 255])('hands on exit code %d', async (code) => {
    expect((await run(['sh', '-c', `exit ${code}`])).code).toBe(code);
  });

  it.concurrent.each([
    ['KILL', 137],
    ['TERM', 143],
    ['SEGV', 139],
  ])('gives 128 + n where SIG%s ended the command', async (signal, code) => {
    expect((await run(['sh', '-c', `kill -${signal} $$`])).code).toBe(code);
  });

  it.concurrent('says of an exit code that could be its own whose it is', async () => {
    const of = (code: number, ...flags: string[]) => run(['sh', '-c', `exit ${code}`], flags);
    const stderr = "gcs-mutex: exit code 125 is the command's own\n";
    expect(await of(125)).toEqual({ code: 125, stdout: '', stderr });
    expect(await of(124, '-q')).toEqual({ code: 124, stdout: '', stderr: '' });
    expect((await of(126, '-v')).stderr).toContain('gcs-mutex: the command ended with exit code 126\n');
    const json = await of(123, '--json');
    expect(json.stderr).toContain('{"event":"command-ended","exitCode":123}\n');
    expect((await of(123, '--json', '-q')).stderr).toBe('');
  });

  it.concurrent('says nothing of its own where all goes well', async () => {
    expect(await run(['sh', '-c', 'echo out; echo err >&2'])).toEqual({
      code: 0,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it.concurrent('starts no shell: every argument arrives as it is', async () => {
    const odd = ['a b', '"', "'", ';', '$HOME', '*', 'x\ny', '', '--', '-n', '\\'];
    expect((await run([...SHOW, '--', ...odd])).stdout).toBe(JSON.stringify(odd));
  });

  it.concurrent('hands standard input and output through, byte for byte', async () => {
    const { url } = lock();
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    await writeFile(join(folder, 'bytes'), bytes);
    const script = `exec "$0" "$1" run ${url} -- cat < ${folder}/bytes > ${folder}/copy`;
    await promisify(execFile)('sh', ['-c', script, process.execPath, COMMAND], {
      env: { ...process.env, STORAGE_EMULATOR_HOST: server.url },
    });
    expect((await readFile(join(folder, 'copy'))).equals(bytes)).toBe(true);
  });

  it.concurrent('survives that nobody reads its output', async () => {
    const { url, name } = lock();
    const script = `{ "$0" "$1" run --verbose ${url} -- yes; echo "code $?" >&2; } 2>${folder}/epipe | head -1`;
    const { stdout } = await promisify(execFile)('sh', ['-c', script, process.execPath, COMMAND], {
      env: { ...process.env, STORAGE_EMULATOR_HOST: server.url },
    });
    expect(stdout).toBe('y\n');
    // yes(1) ends by itself with 1, or by SIGPIPE.
    expect(await readFile(join(folder, 'epipe'), 'utf8')).toMatch(/code (1|141)\n$/);
    expect(server.object(BUCKET, name)).toBeUndefined();
  });

  it.concurrent('tells the command which lock it works under, and gives it no credentials', async () => {
    const { url } = lock();
    const script = 'process.stdout.write(JSON.stringify(process.env))';
    const ended = await runToEnd(['run', url, '--', process.execPath, '-e', script], { url: server.url });
    const told: NodeJS.ProcessEnv = JSON.parse(ended.stdout);
    expect(told['GCS_MUTEX_URL']).toBe(url);
    expect(told['GCS_MUTEX_LEASE_ID']).toMatch(/^[0-9a-f]{32}$/);
    const secret = (env: NodeJS.ProcessEnv) => Object.keys(env).filter((key) => /GOOGLE|TOKEN/.test(key));
    expect(secret(told), 'no more than were there').toEqual(secret(process.env));
  });

  it.concurrent('puts holder and metadata into the record', async () => {
    const { url, name } = lock();
    await using command = new Command(
      [
        'run',
        '--holder',
        'the night job',
        '--metadata',
        'run=7',
        '--metadata',
        'x=a=b',
        url,
        '--',
        'sh',
        '-c',
        'echo on; sleep 1000',
      ],
      { url: server.url },
    );
    await command.printed('stdout', 'on');
    expect(server.object(BUCKET, name)?.metadata).toMatchObject({
      holder: 'the night job',
      'user-run': '7',
      'user-x': 'a=b',
    });
    command.signal('SIGTERM');
    expect((await command.ended()).code).toBe(143);
  });
});

describe('run, where the command cannot be started', () => {
  const never = async (args: readonly string[]): Promise<Ended> => {
    const before = server.requests.count;
    const ended = await runToEnd(args, { url: server.url });
    expect(server.requests.count, 'nothing was asked of the store').toBe(before);
    return ended;
  };

  it('says 127 where there is no such command', async () => {
    expect(await never(['run', lock().url, '--', 'no-such-command'])).toMatchObject({
      code: 127,
      stderr: expect.stringMatching(/^gcs-mutex: command not found: "no-such-command".*\n$/),
    });
    expect((await never(['run', lock().url, '--', './nor-this'])).code).toBe(127);
  });

  it('says 126 where a file or folder cannot be executed', async () => {
    const file = join(folder, 'plain');
    await writeFile(file, 'text');
    await chmod(file, 0o644);
    expect((await never(['run', lock().url, '--', file])).code).toBe(126);
    expect((await never(['run', lock().url, '--', folder])).code).toBe(126);
  });

  it('says 127, and frees the lock, where the interpreter of a script is missing', async () => {
    const file = join(folder, 'nonsense');
    await writeFile(file, '#!/no/such/interpreter\n');
    await chmod(file, 0o755);
    const { url, name } = lock();
    const ended = await runToEnd(['run', url, '--', file], { url: server.url });
    expect(ended.code).toBe(127);
    expect(server.object(BUCKET, name)).toBeUndefined();
  });
});

describe('run, where somebody else holds the lock', () => {
  const held = async (): Promise<{ readonly url: string; readonly lease: Lease }> => {
    const { url, name } = lock();
    const lease = await new GcsMutex(BUCKET, name, {
      apiEndpoint: server.url,
      holder: 'the first',
    }).acquire();
    return { url, lease };
  };

  it.concurrent.each([
    [['-n'], 124],
    // Long enough for the store to say by whom.
    [['-w', '10s'], 124],
    [['-w', '0', '--conflict-exit-code', '75'], 75],
  ])('gives up with %j and exit code %d, and says who holds it', async (flags, code) => {
    const { url, lease } = await held();
    await using _lease = lease;
    const ended = await runToEnd(['run', ...flags, url, '--', 'echo', 'ran'], { url: server.url });
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain('is held by the first since');
    if (!flags.includes('10s')) expect(ended.stderr, 'it does not wait').not.toContain('waiting');
    expect(lease.isHeld).toBe(true);
  });

  it.concurrent('skips without a word with -E 0, and says who holds it with --verbose', async () => {
    const { url, lease } = await held();
    await using _lease = lease;
    const skip = (...flags: string[]) =>
      runToEnd(['run', '-n', '-E', '0', ...flags, url, '--', 'echo', 'ran'], { url: server.url });
    expect(await skip()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await skip('-v')).stderr).toMatch(/^gcs-mutex: not acquired: gs:\S+ is held by the first/);
  });

  it.concurrent('says nothing with --quiet', async () => {
    const { url, lease } = await held();
    await using _lease = lease;
    const ended = await runToEnd(['run', '-nq', url, '--', 'true'], { url: server.url });
    expect(ended).toEqual({ code: 124, stdout: '', stderr: '' });
  });

  it.concurrent('waits without end by default, and says once for whom', async () => {
    const { url, lease } = await held();
    await using command = new Command(['run', url, '--', 'echo', 'ran'], { url: server.url });
    await command.printed('stderr', 'held by the first');
    await lease.release();
    const ended = await command.ended();
    expect(ended).toMatchObject({ code: 0, stdout: 'ran\n' });
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });

  it.concurrent('says that nobody can tell whether, while the store does not answer, and waits on', async () => {
    await using store = await LockStore.open();
    const outage = store.server.faults.add({
      when: 'before',
      times: Infinity,
      do: { kind: 'status', status: 503 },
    });
    const flags = ['--request-timeout', '500ms', '--ttl', '10s'];
    await using command = store.start(['run', ...flags, urlOf('locks/nightly'), '--', 'echo', 'ran']);
    await command.printed('stderr', '\n');
    expect(command.stderr).toMatch(
      /^gcs-mutex: waiting \(waited \S+\) for gs:\S+, of which the store says nothing: .+\n$/,
    );
    outage.remove();
    expect(await command.ended()).toMatchObject({ code: 0, stdout: 'ran\n' });
  });

  it.concurrent('tells programs what happens, one JSON object a line on standard error', async () => {
    const { url, lease } = await held();
    await using command = new Command(['run', '--json', url, '--', 'true'], { url: server.url });
    await command.printed('stderr', '"waiting"');
    await lease.release();
    const ended = await command.ended();
    const events = ended.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).toEqual(['waiting', 'acquired', 'command-ended', 'released']);
    expect(events[0]).toMatchObject({ lock: url, holder: 'the first' });
    expect(ended.stdout).toBe('');
  });
});
