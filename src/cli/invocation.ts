/** What a command line asks for, and where its exit code goes. */
export interface Invocation {
  readonly version: string;
  /** What stands behind `--`, word for word; undefined where there is no `--`. */
  readonly command: readonly string[] | undefined;
  readonly onExitCode: (exitCode: number) => void;
}
