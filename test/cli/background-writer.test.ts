import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BackgroundWriter } from '../../src/cli/background-writer.ts';
import { UnreadPipe } from './unread-pipe.ts';

it.each([
  ['that waits', 'fd'],
  ['that says so', 'hastyFd'],
] as const)(
  'texts for a full pipe %s hold nobody up, and come in order once it is read',
  async (_what, end) => {
    await using pipe = await UnreadPipe.open();
    pipe.fill();
    const writer = new BackgroundWriter(pipe[end]);
    for (const text of ['one,', 'two,', 'three']) writer.write(text);
    let read = '';
    while (!read.endsWith('three')) {
      read += pipe.read();
      await turn();
    }
    expect(read).toMatch(/^x+one,two,three$/);
  },
);
