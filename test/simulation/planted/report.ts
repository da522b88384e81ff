import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Bug } from './bugs.ts';
import type { Find, Hunted } from './hunts.ts';

/** This file is at `dist/test/simulation/planted`. */
const EVIDENCE = fileURLToPath(new URL('../../../../docs/evidence.md', import.meta.url));

const BEGIN = '<!-- npm run planted -- --write: begin -->';
const END = '<!-- npm run planted -- --write: end -->';

/** What came of each hunt, in the order of the bugs. */
export function tableOf(bugs: readonly Bug[], hunted: ReadonlyMap<string, Hunted>): string {
  const lines = bugs.map((bug) => {
    const { explored, simulated, mostWorlds = 0 } = hunted.get(bug.name) ?? {};
    const found = simulated === undefined ? missed(bug, mostWorlds) : saying(simulated);
    return `| ${bug.name} | \`${modulesOf(bug)}\` | ${explored === undefined ? '—' : saying(explored)} | ${found} |`;
  });
  return [
    '| bug | in | the explorer finds | the simulator finds |',
    '| --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function saying({ what, where }: Find): string {
  return `${what} (${where})`;
}

function missed({ coveredBy }: Bug, mostWorlds: number): string {
  const worlds = `— (${mostWorlds} worlds)`;
  return coveredBy === undefined ? worlds : `${worlds}: nothing follows, since ${coveredBy}`;
}

function modulesOf({ module, also }: Bug): string {
  return also === undefined || also.module === module ? module : `${module}\`, \`${also.module}`;
}

/** Puts a table into its place in docs/evidence.md. */
export function writeTable(table: string, commit: string, file = EVIDENCE): void {
  const text = readFileSync(file, 'utf8');
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error(`there is no place for the table in ${file}`);
  const made = `Made by \`npm run planted -- --write\` at commit \`${commit}\`.`;
  writeFileSync(file, `${text.slice(0, from)}${BEGIN}\n\n${made}\n\n${table}\n\n${text.slice(to)}`);
}

/** What an earlier run has kept. */
export function readKept(file: string): readonly (readonly [string, Hunted])[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as [string, Hunted][]) : [];
}

export function writeKept(file: string, kept: ReadonlyMap<string, Hunted>): void {
  writeFileSync(file, JSON.stringify([...kept], undefined, 1));
}
