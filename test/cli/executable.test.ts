import { symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { checkExecutable } from '../../src/cli/executable.ts';
import { cannotStart } from '../../src/cli/process-group.ts';
import { scratchFolder } from './scratch.ts';

it('a command is looked for beyond a folder of PATH into which nobody can look', async () => {
  await using folder = await scratchFolder();
  const closed = join(folder.path, 'closed');
  await symlink(closed, closed);
  expect(() => checkExecutable('sh', [closed, '/bin'].join(delimiter))).not.toThrow();
  expect(() => checkExecutable('no-such-command', closed)).toThrow(/^command not found: "no-such-command"/);
  expect(() => checkExecutable(join(closed, 'sh'))).toThrow(/cannot be executed/);
});

it('a command is left to the system to find where there is no PATH at all', () => {
  vi.stubEnv('PATH', undefined);
  try {
    expect(() => checkExecutable('sh')).not.toThrow();
    expect(() => checkExecutable('/no/such/command')).toThrow(/^command not found/);
    expect(() => checkExecutable('sh', '')).toThrow(/^command not found/);
  } finally {
    vi.unstubAllEnvs();
  }
});

it.each([
  ['EAGAIN', 125, /^no room to start sh: spawn sh EAGAIN/],
  ['ENOMEM', 125, /^no room to start sh/],
  ['EMFILE', 125, /^no room to start sh/],
  ['ENFILE', 125, /^no room to start sh/],
  ['EACCES', 126, /^cannot execute sh: spawn sh EACCES/],
  ['E2BIG', 126, /^cannot execute sh/],
  ['ENOENT', 127, /^command not found: sh, or the interpreter/],
])('a command that cannot be started for %s ends with %d', (code, exitCode, message) => {
  const error = Object.assign(new Error(`spawn sh ${code}`), { code });
  expect(cannotStart('sh', error)).toMatchObject({ exitCode, message: expect.stringMatching(message) });
});
