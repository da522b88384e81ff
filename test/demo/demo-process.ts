import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Told } from '../../src/cli/demo/story.ts';

const MAIN = fileURLToPath(new URL('../../dist/bundle/cli.cjs', import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The demo as a process, without the emulator that the environment of the tests may name. */
export function startDemo(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const { STORAGE_EMULATOR_HOST: _ignored, ...rest } = process.env;
  return spawn(process.execPath, [MAIN, 'demo', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...rest, ...env },
  });
}

/** Everything that it prints, and how it ends. */
export async function end(demo: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  demo.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  demo.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  await once(demo, 'close');
  return { exitCode: demo.exitCode, stdout, stderr };
}

/** What a run with `--json` told; throws where a line is anything but one JSON object. */
export function toldBy(stdout: string): readonly Told[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line): Told => {
      const told: Told = JSON.parse(line);
      return told;
    });
}

/** Those of one kind. */
export function ofKind<Kind extends Told['kind']>(
  all: readonly Told[],
  kind: Kind,
): readonly Extract<Told, { kind: Kind }>[] {
  return all.filter((told): told is Extract<Told, { kind: Kind }> => told.kind === kind);
}
