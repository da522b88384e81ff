import { describe, expect, it } from 'vitest';
import { end, startDemo } from './demo-process.ts';

/** A port that refuses connections: nothing ever listens on it. */
const NOBODY = 'http://127.0.0.1:1';

describe('the demo', () => {
  it.each([
    [['--ttl', '10ms'], 'demo: --ttl must be from 900ms to 60s, got 10ms'],
    [['--ttl', '400d'], 'demo: --ttl must be from 900ms to 60s, got 400d'],
    [['--bucket', 'b', '--ttl', '3s'], 'demo: --ttl must be at least 5000 against Google, got 3000'],
    [['--bucket', ''], 'demo: --bucket must name a bucket'],
  ])('says in one line what is wrong with %j, and exits with 2', async (args, message) => {
    const { exitCode, stdout, stderr } = await end(startDemo(args));
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it.each([
    [['--speed', '9'], "unknown option '--speed'"],
    [['--seed', 'x'], 'It must be a whole number from 0 to 4294967295'],
    [['now'], 'too many arguments'],
  ])('takes no arguments that it does not know: %j', async (args, message) => {
    const { exitCode, stdout, stderr } = await end(startDemo(args));
    expect(stderr).toContain(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 125, stdout: '' });
  });

  it('says in one line that the server of the environment does not answer, and exits with 2', async () => {
    const { exitCode, stdout, stderr } = await end(startDemo([], { STORAGE_EMULATOR_HOST: NOBODY }));
    expect(stderr).toContain(`demo: no answer from ${NOBODY}: start that server`);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it('explains itself with --help', async () => {
    const { exitCode, stdout } = await end(startDemo(['--help']));
    expect(exitCode).toBe(0);
    for (const word of ['--bucket', '--seed', '--json', 'STORAGE_EMULATOR_HOST'])
      expect(stdout).toContain(word);
  });
});
