import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS, type Configuration } from '../../scripts/spec/configurations.ts';
import { runAll } from '../../scripts/spec/run.ts';
import { findTools, ToolMissing, type Tools } from '../../scripts/spec/tools.ts';
import { readTrace } from '../../scripts/spec/trace.ts';

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** TLC, or undefined where it cannot run and need not. */
function toolsIfAny(): Tools | undefined {
  try {
    return findTools(path('.tla'), process.env);
  } catch (error) {
    if (!(error instanceof ToolMissing) || process.env['GCS_MUTEX_REQUIRE_SERVERS'] === '1') throw error;
    process.stderr.write(`\nSKIPPED: ${error.message}: the written specification is not checked.\n\n`);
    return undefined;
  }
}

/** A base that is small enough for every change: `npm run spec` has those with wider bounds. */
function smallBase(): Configuration {
  const base = CONFIGURATIONS.find(({ name }) => name === 'three-clients');
  if (base === undefined) throw new Error('no configuration is named three-clients');
  return { ...base, name: 'two-clients', constants: { ...base.constants, Clients: '{c1, c2}' } };
}

const tools = toolsIfAny();

describe.skipIf(tools === undefined)('the written specification, run by TLC', () => {
  it('holds with every guard, and breaks without any one as docs/protocol.md says', async () => {
    if (tools === undefined) return;
    const broken = CONFIGURATIONS.filter(({ expected }) => expected !== 'holds');
    const runs = await runAll(tools, [smallBase(), ...broken], path('spec'));
    expect(runs.map(({ configuration, verdict }) => [configuration.name, verdict])).toEqual([
      ['two-clients', 'holds'],
      ...broken.map(({ name, expected }) => [name, expected]),
    ]);
    for (const run of runs.slice(1)) {
      expect.soft(readTrace(run.output).length, run.configuration.name).toBe(run.depth);
    }
  }, 1_200_000); // A minute and a half of both processors, which may have other things to do.
});
