import { describe, expect, it } from 'vitest';
import { cutWords } from '../../src/cli/text.ts';

describe('what a sentence repeats of a command line', () => {
  const long = '$& é'.repeat(2_000);
  const cut = `${'$& é'.repeat(50)}…`;
  it.each([
    ['a word', [long], `got '${long}'.`, `got '${cut}'.`],
    ['the value of --flag=', [`--ttl=${long}`], `got '${long}'.`, `got '${cut}'.`],
    ['the value of -f', [`-w${long}`], `got '${long}'.`, `got '${cut}'.`],
    ['two words', [`-w${long}`, `${long}!`], `${long} and ${long}!`, `${cut} and ${cut}`],
    ['a part of a path', [long], `/bin/${long} cannot`, `/bin/${cut} cannot`],
  ])('is cut where it is long: %s', (_what, commandLine, sentence, told) => {
    expect(cutWords(sentence, commandLine)).toBe(told);
  });

  it('is cut as JSON writes it, too', () => {
    const quotes = '"'.repeat(300);
    const told = cutWords(`got ${JSON.stringify(quotes)}`, [quotes]);
    expect(told).toBe(`got "${String.raw`\"`.repeat(100)}…"`);
  });

  it('is whole where it is not long', () => {
    const sentence = `got '${'x'.repeat(200)}'`;
    expect(cutWords(sentence, ['x'.repeat(200)])).toBe(sentence);
  });

  it('is whole where it is a URL, which says what is meant', () => {
    const url = `gs://bucket/${'x'.repeat(1_000)}`;
    expect(cutWords(`${url} is an event`, [url])).toBe(`${url} is an event`);
  });
});
