/** What a command line asks for, and where its exit code goes. */
export interface Invocation {
  readonly version: string;
  /** What stands behind `--`, word for word; undefined where there is no `--`. */
  readonly command: readonly string[] | undefined;
  readonly onExitCode: (exitCode: number) => void;
}

/** Parts a command line: what stands behind its first `--` is another command's own, and no parser sees it. */
export function splitCommandLine(words: readonly string[]): {
  readonly own: readonly string[];
  readonly command: readonly string[] | undefined;
} {
  const at = words.indexOf('--');
  return at === -1
    ? { own: words, command: undefined }
    : { own: words.slice(0, at), command: words.slice(at + 1) };
}

/** Finds what is not UTF-8: Node has put U+FFFD in the place of each such byte, by which two words become one. */
export function findGarbled(words: readonly string[]): string | undefined {
  return words.find((word) => word.includes('\uFFFD'));
}
