import { describe, expect, it } from 'vitest';
import { tellFailure } from '../../src/cli/failures.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import type { RunOptions } from '../../src/cli/run-options.ts';

const OPTIONS: RunOptions = { wait: true, conflictExitCode: 124, onLost: 'kill' };

/**
 * No process can be started with a NUL in its arguments, since the kernel ends each of them there: a shell drops it,
 * and Node refuses to spawn. So it cannot come in by the command line; this is where another way in would bring it.
 */
async function refusal(command: readonly string[], options: Partial<RunOptions> = {}): Promise<string> {
  const error: unknown = await runCommand('gs://bucket/name', command, { ...OPTIONS, ...options }).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  const { message, exitCode } = tellFailure(error);
  expect(exitCode).toBe(125);
  return message;
}

describe('a NUL', () => {
  it.each([[['echo', 'a\0b']], [['\0']], [['echo', 'fine', '\0']]])(
    'in an argument of the command is refused: %j',
    async (command) => {
      expect(await refusal(command)).toMatch(/^an argument of the command holds a NUL.*\\u0000/);
    },
  );

  it('in a setting is refused, which is named as on the command line', async () => {
    expect(await refusal(['true'], { holder: 'a\0b' })).toMatch(/^--holder must be /);
    expect(await refusal(['true'], { metadata: { key: 'a\0b' } })).toMatch(/^--metadata.key must be /);
    expect(await refusal(['true'], { apiEndpoint: 'http://a\0b' })).toMatch(/^--api-endpoint must be /);
  });
});

it('an argument in which Node has replaced what is not UTF-8 is refused', async () => {
  expect(await refusal(['cat', 'caf\uFFFD'])).toMatch(
    /^an argument of the command is not UTF-8 .*"caf\uFFFD"/,
  );
});
