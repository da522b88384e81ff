import { expect, it } from 'vitest';
import { Command, type Ended } from './command.ts';

it('a command of a test has not ended before all that it printed has been read', async () => {
  await using command = new Command(['--help'], { url: '' });
  const { process: child } = command;
  // Nothing promises that the end of a process is heard of after what it had to say.
  child.stdout?.pause();
  const ended = await new Promise<Ended>((resolve) => {
    child.once('exit', () => resolve(command.ended()));
  });
  expect(ended.stdout).toMatch(/^Usage: [^]*\n$/);
});
