import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The Go module, seen from the sources and from what is compiled of them. */
const SOURCES = ['judge/', '../../../test/chaos/judge/']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((folder) => existsSync(join(folder, 'go.mod')));

/** The exit code with which the judge refuses a history. */
const REFUSED = 3;

export type Ruling =
  | { readonly kind: 'ruled'; readonly isClean: boolean; readonly text: string }
  | { readonly kind: 'absent'; readonly why: string };

/** Why the judge cannot rule on this machine; undefined where it can. */
export function judgeMissing(): string | undefined {
  if (SOURCES === undefined) return 'its sources are not there';
  const hasGo = spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0;
  return hasGo ? undefined : 'Go is not installed (https://go.dev/dl)';
}

/**
 * Lets a program that shares nothing with the checker judge histories: porcupine, which is written in Go.
 *
 * @param scratch - a folder for what is compiled.
 * @throws Error where it could not tell.
 */
export async function judge(paths: readonly string[], scratch: string): Promise<Ruling> {
  const why = judgeMissing();
  if (why !== undefined || SOURCES === undefined) return { kind: 'absent', why: why ?? '' };
  const program = join(scratch, 'judge');
  const built = await run('go', ['build', '-o', program, '.'], SOURCES);
  if (built.status !== 0) return { kind: 'absent', why: `it could not be built: ${built.text.trim()}` };
  const { status, text } = await run(program, paths, scratch);
  if (status !== 0 && status !== REFUSED) throw new Error(`the judge could not tell: ${text.trim()}`);
  return { kind: 'ruled', isClean: status === 0, text };
}

async function run(program: string, args: readonly string[], cwd: string) {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  await once(child, 'close');
  return { status: child.exitCode, text };
}
