import { readFileSync } from 'node:fs';

/** A command line that a page or an example shows. */
export interface Recipe {
  /** Where it stands, for people. */
  readonly place: string;
  /** What stands behind `gcs-mutex`, as a shell would hand it on. */
  readonly words: readonly string[];
}

const ROOT = new URL('../../', import.meta.url);
/** Where a shell ends a command. */
const END = /^(?:[;|&)<>`]|#\s)/;

/** Every command line of a file that begins with `gcs-mutex`, by itself or behind `npx`, `if`, `tini --` and the like. */
export function recipesIn(path: string): Recipe[] {
  const text = readFileSync(new URL(path, ROOT), 'utf8').replaceAll('\\\n', ' ');
  return text.split('\n').flatMap((line, index) => {
    const place = `${path}:${index + 1}`;
    const [, list] = /^ENTRYPOINT (\[.*\])$/.exec(line) ?? [];
    if (list !== undefined) return [{ place, words: behindName(JSON.parse(list)) }];
    return [...line.matchAll(/(?<![-/\w])gcs-mutex (?=[a-z])/g)]
      .map(({ index: at, 0: name }) => ({ place, words: shellWords(line.slice(at + name.length)) }))
      .filter(isCommandLine);
  });
}

/** Prose speaks of the command as well, and the help shows usages. */
function isCommandLine({ words }: Recipe): boolean {
  const [name, ...rest] = words;
  if (rest.includes('[options]') || rest.includes('--help')) return false;
  return rest.some((word) => /^(gs:\/\/|-)/.test(word)) || (name === 'completion' && rest.length === 1);
}

function behindName(words: readonly string[]): string[] {
  return words.slice(words.indexOf('gcs-mutex') + 1);
}

/** Parts a command line as a shell does, up to where the command ends. */
function shellWords(line: string): string[] {
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== '' && !END.test(rest)) {
    const [all = rest] = /^(?:'[^']*'|"[^"]*"|[^\s'";|&)<>`])+/.exec(rest) ?? [];
    words.push(all.replaceAll(/'([^']*)'|"([^"]*)"/g, (_all, single, double) => String(single ?? double)));
    rest = rest.slice(all.length).trimStart();
  }
  return words;
}
