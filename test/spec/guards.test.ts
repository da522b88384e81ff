import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS } from '../../scripts/spec/configurations.ts';
import { GUARDS } from '../../scripts/spec/guards.ts';
import { configurationText } from '../../scripts/spec/tlc.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const MODULES = ['Basics', 'Store', 'Acquire', 'Hold', 'Release', 'GcsMutex'] as const;

/** A module's text without its comments. */
function source(name: string): string {
  return read(`spec/${name}.tla`)
    .replaceAll(/\(\*[^]*?\*\)/g, '')
    .replaceAll(/\\\*.*/g, '');
}

/** What the CONSTANTS of a module name, a list for each of its declarations. */
function constantsOf(name: string): string[][] {
  return [...source(name).matchAll(/^CONSTANTS\n?([^]*?)(?:\n\n|\nVARIABLES)/gm)].map(([, list = '']) =>
    list.split(',').map((constant) => constant.trim()),
  );
}

/** The cells of the first table after a heading. */
function tableAfter(markdown: string, heading: string): string[][] {
  const section = markdown.split(`\n${heading}\n`)[1] ?? '';
  const lines = /(?:^\|.*\n)+/m.exec(section)?.[0].trim().split('\n') ?? [];
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

const runsWithout = (constant: string) =>
  CONFIGURATIONS.filter(({ module, constants }) => module === 'GcsMutex' && constants[constant] === 'FALSE');

describe('the written specification', () => {
  const rows = tableAfter(read('docs/protocol.md'), '## What each guard is for');

  it('has a constant for each guard in the table of docs/protocol.md, in its order', () => {
    expect(rows.length).toBeGreaterThan(15);
    expect(GUARDS.map(({ row }) => row)).toEqual(rows.map(([guard]) => guard));
    expect(constantsOf('Basics')[1]).toEqual(GUARDS.map(({ constant }) => constant));
  });

  it('uses the constant of every guard, so that it can be left out', () => {
    const used = MODULES.map(source).join('\n');
    for (const { constant } of GUARDS) {
      const count = used.split(new RegExp(`\\b${constant}\\b`)).length - 1;
      expect.soft(count, constant).toBeGreaterThan(1);
    }
  });

  it('leaves each guard out in one run, and expects it to break', () => {
    for (const { constant, configuration, breaks } of GUARDS) {
      expect
        .soft(runsWithout(constant))
        .toMatchObject([{ name: configuration, invariants: [breaks], expected: `breaks ${breaks}` }]);
    }
  });

  it('gives each constant of a module a value, and no other', () => {
    for (const { name, module, constants } of CONFIGURATIONS) {
      const declared = constantsOf(module === 'GcsMutex' ? 'Basics' : module).flat();
      expect.soft(Object.keys(constants).toSorted(), name).toEqual(declared.toSorted());
    }
  });

  it('checks only what its modules define', () => {
    const defined = (module: string, name: string): boolean =>
      (module === 'GcsMutex' ? MODULES : [module]).some((part) =>
        new RegExp(`^${name} ==`, 'm').test(source(part)),
      );
    for (const { module, invariants, properties, specification } of CONFIGURATIONS) {
      for (const name of [...invariants, ...properties, specification]) {
        expect.soft(defined(module, name), `${module}: ${name}`).toBe(true);
      }
    }
  });

  it('names no configuration twice, and each in spec/README.md', () => {
    const names = CONFIGURATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const readme = read('spec/README.md');
    for (const name of names) expect.soft(readme, name).toContain(`\`${name}\``);
  });

  it('maps its actions to functions that are in the reducers', () => {
    const mapped = tableAfter(read('spec/README.md'), '## From the specification to the code');
    expect(mapped.length).toBeGreaterThan(10);
    const specification = MODULES.map(source).join('\n');
    for (const [actions = '', files = '', functions = ''] of mapped) {
      for (const [, action] of actions.matchAll(/`(\w+)`/g)) {
        expect.soft(specification, action).toMatch(new RegExp(`^${action}(\\(.*\\))? ==`, 'm'));
      }
      const code = [...files.matchAll(/\]\(\.\.\/(.*?)\)/g)].map(([, path = '']) => read(path)).join('\n');
      for (const [, name] of functions.matchAll(/`(\w+)`/g)) {
        expect
          .soft(code, `${files} ${name}`)
          .toMatch(new RegExp(`function ${name}\\b|'${name}'|\\b${name}\\b`));
      }
    }
  });

  it('writes a configuration as TLC reads it', () => {
    const found = CONFIGURATIONS.find(({ name }) => name === 'no-generation-on-delete');
    const text = found && configurationText(found);
    expect(text).toContain('  DeleteByGeneration = FALSE\n');
    expect(text).toContain('  TakeoverByGeneration = TRUE\n');
    expect(text).toContain(
      '  c1 = c1\n  c2 = c2\nSPECIFICATION Spec\nSYMMETRY Symmetry\nINVARIANT NoForeignRelease\n',
    );
  });
});
