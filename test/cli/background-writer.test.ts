import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BackgroundWriter } from '../../src/cli/background-writer.ts';
import { scratchFolder } from './scratch.ts';

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

/** Does something over and over until the system says that it cannot be done now. */
function untilHeldUp(act: () => void): void {
  try {
    for (;;) act();
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
}

it.each([
  ['that blocks', O_WRONLY],
  ['that says so', O_WRONLY | O_NONBLOCK],
])('texts for a full pipe %s hold nobody up, and come in order once it is read', async (_what, flags) => {
  await using folder = await scratchFolder();
  const path = join(folder.path, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  const filler = openSync(path, O_WRONLY | O_NONBLOCK);
  untilHeldUp(() => writeSync(filler, 'x'.repeat(4_096)));
  const pipe = openSync(path, flags);
  const writer = new BackgroundWriter(pipe);
  for (const text of ['one,', 'two,', 'three']) writer.write(text);
  const bytes = Buffer.alloc(65_536);
  let read = '';
  while (!read.endsWith('three')) {
    untilHeldUp(() => (read += bytes.toString('utf8', 0, readSync(reader, bytes))));
    await turn();
  }
  expect(read).toMatch(/^x+one,two,three$/);
  for (const fd of [reader, filler, pipe]) closeSync(fd);
});
