import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { splitCommandLine } from '../../src/cli/invocation.ts';
import { createProgram } from '../../src/cli/program.ts';
import { recipesIn } from './recipes.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const DOCKERFILE = 'examples/cloud-run-job.Dockerfile';
const recipes = ['README.md', 'docs/cli.md', 'docs/running-commands.md', DOCKERFILE].flatMap(recipesIn);

const isOfDocker = (words: readonly string[]): boolean =>
  recipesIn(DOCKERFILE).some((recipe) => recipe.words.join() === words.join());

/** Parses a command line as the command does, and does nothing. @throws where the command would refuse it. */
function parse(words: readonly string[]): { readonly name: string; readonly command?: readonly string[] } {
  const { own, command } = splitCommandLine(words);
  const program = createProgram({ version: '0.0.0', command, onExitCode: () => {} });
  let parsed: Command | undefined;
  for (const each of [program, ...program.commands])
    each.exitOverride().configureOutput({ writeErr: () => {} });
  for (const each of program.commands) each.action(() => void (parsed = each));
  program.parse([...own], { from: 'user' });
  if (parsed === undefined) throw new Error(`no command in ${words.join(' ')}`);
  return { name: parsed.name(), ...(command === undefined ? {} : { command }) };
}

describe('the command lines in pages and examples', () => {
  it('are found', () => {
    const names = new Set(recipes.map(({ words }) => words[0]));
    for (const name of [
      'run',
      'rate',
      'status',
      'list',
      'watch',
      'wait',
      'event',
      'break',
      'clean',
      'doctor',
      'emulator',
      'completion',
    ])
      expect([...names]).toContain(name);
    expect(
      recipes.filter(({ place }) => place.startsWith('docs/running-commands.md')).length,
    ).toBeGreaterThan(5);
    expect(recipes.some(({ place }) => place.startsWith(DOCKERFILE))).toBe(true);
  });

  it.each(recipes.map(({ place, words }) => [place, words] as const))(
    '%s is one that it takes',
    (_place, words) => {
      const { name, command } = parse(words);
      const startsOne = command !== undefined;
      expect(startsOne, 'nothing but run and rate starts a command').toBe(
        name === 'run' || (name === 'rate' && startsOne),
      );
      // In a Dockerfile, CMD names it.
      if (!isOfDocker(words)) expect(command?.length).not.toBe(0);
    },
  );

  it.each([
    ['run', '--no-wait', '-w', '5x', 'gs://bucket/x', '--', 'true'],
    ['status'],
    ['statsu', 'gs://bucket/x'],
  ])('would be refused with a mistake in them: %s %s', (...words) => {
    expect(() => parse(words)).toThrow();
  });
});

describe('the example of a Cloud Run job', () => {
  it('is what the page shows', () => {
    const [, shown] = /```dockerfile\n([^]*?)```/.exec(read('docs/running-commands.md')) ?? [];
    expect(read(DOCKERFILE).replaceAll(/^#.*\n/gm, '')).toBe(shown);
  });

  it('has an init for process 1, which starts gcs-mutex with what CMD names', () => {
    const text = read(DOCKERFILE);
    const list = (name: string): string[] =>
      JSON.parse(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1] ?? '');
    expect(list('ENTRYPOINT').slice(0, 4)).toEqual(['tini', '--', 'gcs-mutex', 'run']);
    expect(list('ENTRYPOINT').at(-1)).toBe('--');
    expect(list('CMD')).toEqual(['/backup.sh']);
    expect(text).toMatch(/apt-get install .*tini/);
    expect(text).toMatch(/npm install --global gcs-mutex/);
  });
});
