import { describe, expect, it } from 'vitest';
import { tellFailure } from '../../src/cli/failures.ts';
import { createProgram } from '../../src/cli/program.ts';

/**
 * What is said of a command line. Each of these is wrong in a way that is found before anything is sent: there is no
 * store here.
 */
async function refusal(args: readonly string[], command?: readonly string[]) {
  const program = createProgram({ version: '0.0.0', command, onExitCode: () => {} });
  for (const each of [program, ...program.commands])
    each.exitOverride().configureOutput({ writeErr: () => {} });
  const words = [...args, '--api-endpoint', 'http://127.0.0.1:1', 'gs://bucket/name'];
  const error: unknown = await program.parseAsync(words, { from: 'user' }).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  const isOfParser = error instanceof Error && 'exitCode' in error && error.name === 'CommanderError';
  return isOfParser ? { message: error.message, exitCode: 125 } : tellFailure(error);
}

const OPTION = "error: option '--limit <n/duration>' argument";

describe('rate refuses, before anything is sent,', () => {
  it.each<[string, string[], string]>([
    ['no limit', [], "error: required option '--limit <n/duration>' not specified"],
    [
      'a limit without a time',
      ['--limit', '10'],
      `${OPTION} '10' is invalid. It must be a number per duration`,
    ],
    ['a time that is none', ['--limit', '10/1x'], `${OPTION} '10/1x' is invalid. It must be a number per`],
    ['half a permit', ['--limit', '1.5/1m'], `${OPTION} '1.5/1m' is invalid.`],
    ['a limit of nothing', ['--limit', '0/1m'], '--limit must be a whole number from 1 to 1000000000, got 0'],
    ['no time', ['--limit', '1/5ms'], '--limit, its duration, must be from 10ms to 1d, got 5ms'],
    ['days', ['--limit', '1/2d'], '--limit, its duration, must be from 10ms to 1d, got 2d'],
    [
      'more permits than there are',
      ['--limit', '3/1m', '--count', '4'],
      '--count must be a whole number from 1 to the --limit, 3, got 4',
    ],
    [
      'no permit',
      ['--limit', '3/1m', '--count', '0'],
      '--count must be a whole number from 1 to the --limit',
    ],
    [
      'a count in words',
      ['--limit', '3/1m', '--count', 'x'],
      "'--count <n>' argument 'x' is invalid. It must",
    ],
    [
      'to wait and not to wait',
      ['--limit', '3/1m', '-n', '-w', '1s'],
      "error: option '-n, --no-wait' cannot be used with '-w, --wait'",
    ],
  ])('%s', async (_what, flags, words) => {
    const { message, exitCode } = await refusal(['rate', ...flags]);
    expect(message).toContain(words);
    expect(exitCode).toBe(125);
  });

  it.each<[string, string[], number, string]>([
    [
      'no command behind --',
      [],
      125,
      'no command: put it after --, as in: gcs-mutex rate --limit 10/1m gs://',
    ],
    ['a NUL', ['echo', 'a\0b'], 125, 'an argument of the command holds a NUL'],
    ['a command that is not there', ['no-such-program'], 127, 'command not found: "no-such-program"'],
    ['a folder', ['/'], 126, '/ cannot be executed'],
  ])('%s', async (_what, command, code, words) => {
    const { message, exitCode } = await refusal(['rate', '--limit', '3/1m'], command);
    expect(message).toContain(words);
    expect(exitCode).toBe(code);
  });
});

describe('run refuses, before anything is sent,', () => {
  it.each<[string, string[], string]>([
    ['half a permit', ['--take', '1.5'], "'--take <n>' argument '1.5' is invalid. It must be a whole number"],
    [
      'more permits than there are',
      ['--permits', '3', '--take', '4'],
      '--take must be a whole number from 1 to 3, got 4',
    ],
    [
      'two values of one key',
      ['--metadata', 'team=a', '--metadata', 'job=a', '--metadata', 'team=b'],
      "'--metadata <key=value>' argument 'team=b' is invalid. The key team was given before.",
    ],
    ['permits of a pool', ['--resources', 'a', '--take', '1'], "cannot be used with option '--take <n>'"],
    ['permits of a pool that is there', ['--only', 'a', '--take', '1'], "with option '--take <n>'"],
    [
      'to be told of the end of a healthy lease',
      ['--on-lost', 'warn', '--kill-after', '1m'],
      '--kill-after must be below --ttl - --margin - --refresh-interval, which is 34s, got 1m',
    ],
    [
      'to end a command as soon as it is started',
      ['--max-hold', '5s', '--kill-after', '5s'],
      '--kill-after must be below --max-hold, which is 5s, got 5s',
    ],
  ])('%s', async (_what, flags, words) => {
    const { message, exitCode } = await refusal(['run', ...flags], ['true']);
    expect(message).toContain(words);
    expect(exitCode).toBe(125);
  });
});

describe('a duration out of its range is told as it is written', () => {
  const range = (of: string): string => `${of} on an emulator`;
  it.each<[string, string, string]>([
    ['--ttl', '1ms', range('from 500ms to 1d')],
    ['--ttl', '400d', range('from 500ms to 1d')],
    ['--refresh-interval', '0s', range('from 50ms to 1d')],
    ['--refresh-interval', '36h', range('from 50ms to 1d')],
    ['--margin', '90s', 'from 0s to 1m'],
    ['--clock-skew', '61s', 'from 0s to 1m'],
    ['--request-timeout', '1ms', 'from 100ms to 10m'],
    ['--request-timeout', '1h', 'from 100ms to 10m'],
    ['--max-hold', '0s', 'from 1ms to 20000d'],
    ['--max-hold', '20001d', 'from 1ms to 20000d'],
  ])('%s %s', async (flag, given, rule) => {
    const { message, exitCode } = await refusal(['run', flag, given], ['true']);
    expect(message).toBe(`${flag} must be ${rule}, got ${given}`);
    expect(exitCode).toBe(125);
  });

  it.each<[string, string[], string]>([
    [
      'a share of another',
      ['--margin', '1s'],
      '--margin must be at least 6 % of --ttl, got 1s with --ttl 1m',
    ],
    [
      'a difference of others',
      ['--ttl', '1s', '--margin', '800ms'],
      '--refresh-interval must be below --ttl - --margin, got 333ms with --ttl 1s and --margin 800ms',
    ],
  ])('%s', async (_what, flags, words) => {
    expect((await refusal(['run', ...flags], ['true'])).message).toBe(words);
  });

  it.each(['--ttl', '--max-hold', '--wait'])('but %s of more than can be counted is none', async (flag) => {
    const { message } = await refusal(['run', flag, '9'.repeat(30)], ['true']);
    expect(message).toContain('It must be a duration such as');
  });
});

describe('the name of a setting', () => {
  it.each<[string[], string]>([
    [
      ['--holder', 'count ttlMs é'],
      '--holder must be 1 to 256 characters of printable ASCII, got "count ttlMs é"',
    ],
    [
      ['--metadata', 'limit=é'],
      '--metadata.limit must be at most 1024 characters of printable ASCII, got "é"',
    ],
  ])('is a word like any other where a user gives it: %j', async (flags, words) => {
    expect((await refusal(['run', ...flags], ['true'])).message).toBe(words);
  });
});

describe('to say less and to say more', () => {
  it.each([['run'], ['rate', '--limit', '1/1h'], ['wait'], ['event', 'wait']])(
    'is refused by %s, before anything is sent',
    async (...args) => {
      const { message, exitCode } = await refusal([...args, '-q', '-v'], ['true']);
      expect(message).toBe("error: option '-q, --quiet' cannot be used with option '-v, --verbose'");
      expect(exitCode).toBe(125);
    },
  );
});

describe('a name of a resource that cannot be one', () => {
  it.each<[string[], string]>([
    [['resources', '--add', ''], 'a name in --add must be 1 to 256 bytes of UTF-8, got "" (0 bytes)'],
    [
      ['resources', '--add', 'a', '--remove', 'a,,b'],
      'a name in --remove must be 1 to 256 bytes of UTF-8, got "" (0 bytes)',
    ],
    [['resources', '--remove', 'a,a'], '--remove must be names that differ, got "a"'],
    [['run', '--resources', 'a,'], 'a name in --resources must be 1 to 256 bytes of UTF-8, got "" (0 bytes)'],
    [['run', '--resources', 'a,a'], '--resources must be names that differ, got "a"'],
    [['run', '--only', ''], 'a name in --only must be 1 to 256 bytes of UTF-8, got "" (0 bytes)'],
  ])('is told with the flag that has it, before anything is sent: %j', async (args, words) => {
    expect(await refusal(args, ['true'])).toMatchObject({ message: words, exitCode: 125 });
  });
});

describe('run', () => {
  it('lets a command work for half of a short --max-hold, where --kill-after is not given', async () => {
    const { message } = await refusal(
      ['run', '-n', '--max-hold', '5s', '--request-timeout', '100ms'],
      ['true'],
    );
    expect(message, 'it was not refused before anything was sent').toContain(
      'The store gave no usable answer',
    );
  });
});

describe('watch refuses, before anything is sent,', () => {
  it.each(['0', '49ms', '25h', '30d'])('to look every %s', async (interval) => {
    const { message, exitCode } = await refusal(['watch', '--interval', interval]);
    expect(message).toContain(`'${interval}' is invalid. It must be from 50ms to 1d.`);
    expect(exitCode).toBe(125);
  });
});

describe('event refuses, before anything is sent,', () => {
  it.each<[string, string[], string]>([
    [
      'what it cannot do',
      ['stop'],
      "'stop' is invalid for argument 'action'. Allowed choices are set, clear",
    ],
    [
      'a payload for clear',
      ['clear', '--payload', 'x'],
      '--payload goes with event set only, not with event clear',
    ],
    [
      'a payload for wait',
      ['wait', '--payload', ''],
      '--payload goes with event set only, not with event wait',
    ],
    ['to wait for a set', ['set', '-w', '1s'], '--wait goes with event wait only, not with event set'],
    [
      'a number for clear',
      ['clear', '--after', '1'],
      '--after goes with event wait only, not with event clear',
    ],
    [
      'a number that is none',
      ['wait', '--after', '-1'],
      "'--after <n>' argument '-1' is invalid. It must be a whole",
    ],
    [
      'a payload that is too long',
      ['set', '--payload', 'x'.repeat(6_001)],
      '--payload must be at most 6000 bytes',
    ],
  ])('%s', async (_what, args, words) => {
    const { message, exitCode } = await refusal(['event', ...args]);
    expect(message).toContain(words);
    expect(exitCode).toBe(125);
  });
});
