import { describe, expect, it } from 'vitest';
import { type Ended, runToEnd } from './command.ts';

/** Completion knows no store: whoever asked one would ask in vain. */
const run = (args: readonly string[]): Promise<Ended> => runToEnd(args, { url: 'http://127.0.0.1:1' });

/** What is offered, without the descriptions. */
const offersOf = ({ stdout }: Ended): string[] =>
  stdout
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith(':'))
    .map((line) => line.split('\t')[0] ?? '');

describe('completion', () => {
  it.concurrent.each(['bash', 'zsh', 'fish', 'powershell'])('prints a script for %s', async (shell) => {
    const ended = await run(['completion', shell]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/gcs-mutex complete '?--/);
  });

  it.concurrent('knows no other shell, and says which it knows', async () => {
    expect(await run(['completion', 'tcsh'])).toMatchObject({
      code: 125,
      stdout: '',
      stderr: expect.stringMatching(
        /^gcs-mutex: .*bash, zsh, fish, powershell\. \(see gcs-mutex completion --help\)\n$/,
      ),
    });
  });

  it.concurrent.each([
    ['commands', ['st'], ['status']],
    ['commands that begin alike', ['c'], ['clean', 'completion']],
    ['options', ['run', '--max'], ['--max-hold']],
    ['what an option takes', ['run', '--on-lost', ''], ['kill', 'warn']],
    ['shells', ['completion', 'z'], ['zsh']],
  ])('offers %s', async (_what, words, offers) => {
    const ended = await run(['complete', '--', ...words]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(offersOf(ended)).toEqual(offers);
  });

  it.concurrent('does not offer what is not for people', async () => {
    const offers = offersOf(await run(['complete', '--', 'd']));
    expect(offers).toEqual(['doctor', 'demo']);
  });
});
