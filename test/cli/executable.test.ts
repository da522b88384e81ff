import { symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { checkExecutable } from '../../src/cli/executable.ts';
import { scratchFolder } from './scratch.ts';

it('a command is looked for beyond a folder of PATH into which nobody can look', async () => {
  await using folder = await scratchFolder();
  const closed = join(folder.path, 'closed');
  await symlink(closed, closed);
  expect(() => checkExecutable('sh', [closed, '/bin'].join(delimiter))).not.toThrow();
  expect(() => checkExecutable('no-such-command', closed)).toThrow(/^command not found: "no-such-command"/);
  expect(() => checkExecutable(join(closed, 'sh'))).toThrow(/cannot be executed/);
});
