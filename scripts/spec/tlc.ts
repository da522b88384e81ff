import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from './configurations.ts';
import type { Tools } from './tools.ts';

/** What a run of TLC says. */
export interface Report {
  /** `holds`, `breaks NAME` of an invariant or property, or `error`. */
  readonly verdict: string;
  /** Different states that were reached. */
  readonly states: number | undefined;
  /** Steps of the longest of all shortest ways to a state; where something breaks, up to there. */
  readonly depth: number | undefined;
  readonly output: string;
}

/** A configuration in TLC's own form. */
export function configurationText(configuration: Configuration): string {
  const { constants, specification, isSymmetric, invariants, properties } = configuration;
  const clients = [...String(constants['Clients']).matchAll(/\w+/g)].map(([name]) => name);
  return [
    'CONSTANTS',
    ...Object.entries(constants).map(([name, value]) => `  ${name} = ${value}`),
    ...clients.map((name) => `  ${name} = ${name}`),
    `SPECIFICATION ${specification}`,
    ...(isSymmetric ? ['SYMMETRY Symmetry'] : []),
    ...invariants.map((name) => `INVARIANT ${name}`),
    ...properties.map((name) => `PROPERTY ${name}`),
    '',
  ].join('\n');
}

/** Reads what TLC printed. */
export function readReport(output: string, configuration: Configuration): Report {
  const counts = [...output.matchAll(/([\d,]+) distinct states found/g)].at(-1)?.[1];
  const depth = /depth of the complete state graph search is (\d+)/.exec(output)?.[1];
  return {
    verdict: verdictOf(output, configuration),
    states: counts === undefined ? undefined : Number(counts.replaceAll(',', '')),
    depth: depth === undefined ? undefined : Number(depth),
    output,
  };
}

function verdictOf(output: string, configuration: Configuration): string {
  const invariant = /Invariant (\w+) is violated/.exec(output)?.[1];
  if (invariant !== undefined) return `breaks ${invariant}`;
  if (output.includes('Temporal properties were violated')) {
    return `breaks ${configuration.properties.join(', ')}`;
  }
  return output.includes('No error has been found') ? 'holds' : 'error';
}

/**
 * Runs TLC on one configuration.
 *
 * @param folder - where the modules are.
 */
export async function runTlc(
  tools: Tools,
  configuration: Configuration,
  folder: string,
  signal?: AbortSignal,
): Promise<Report> {
  const temporary = mkdtempSync(join(tmpdir(), 'gcs-mutex-spec-'));
  try {
    const file = join(temporary, 'run.cfg');
    writeFileSync(file, configurationText(configuration));
    // Most runs are over before the optimising compiler would pay.
    const tuning = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    // TLC unpacks its own modules there under their names, and deletes them at its end: another run would miss them.
    const virtualMachine = [...tuning, `-Djava.io.tmpdir=${temporary}`, '-cp', tools.jar, 'tlc2.TLC'];
    const options = ['-deadlock', '-workers', '1', '-config', file, '-metadir', temporary];
    const args = [...virtualMachine, ...options, configuration.module];
    return readReport(await outputOf(tools.java, args, folder, signal), configuration);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function outputOf(
  command: string,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal }),
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}
