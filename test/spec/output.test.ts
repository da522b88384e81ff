import { describe, expect, it } from 'vitest';
import { readSettings } from '../../scripts/spec/args.ts';
import { CONFIGURATIONS, type Configuration } from '../../scripts/spec/configurations.ts';
import { formatJson, formatTable, isAsExpected, type Row } from '../../scripts/spec/table.ts';
import { readReport } from '../../scripts/spec/tlc.ts';
import { formatTrace, readTrace } from '../../scripts/spec/trace.ts';
import { parseValue } from '../../scripts/spec/values.ts';

const HELD = `Model checking completed. No error has been found.
12,345 states generated, 1,234 distinct states found, 0 states left on queue.
The depth of the complete state graph search is 37.
`;

const BROKEN = `Error: Invariant Mutex is violated.
Error: The behavior up to this point is:
State 1: <Initial predicate>
/\\ net = {}
/\\ cl = ( c1 :> [pc |-> "idle", left |-> 0, sent |-> (0 :> 2 @@ 1 :> 2)] @@
  c2 :> [pc |-> "held", left |-> 1, sent |-> (0 :> 2 @@ 1 :> 2)] )
/\\ obj = [on |-> FALSE, own |-> 0]

State 2: <Create line 8, col 14 to line 9, col 108 of module Acquire>
/\\ net = {[k |-> "create", c |-> c1, g |-> 0, m |-> 0, n |-> 0, cur |-> TRUE, w |-> TRUE]}
/\\ cl = ( c1 :> [pc |-> "writing", left |-> 0, sent |-> (0 :> 0 @@ 1 :> 2)] @@
  c2 :> [pc |-> "held", left |-> 1, sent |-> (0 :> 2 @@ 1 :> 2)] )
/\\ obj = [on |-> FALSE, own |-> 0]

State 3: <Next line 60, col 9 to line 62, col 60 of module GcsMutex>
/\\ net = {}
/\\ cl = ( c1 :> [pc |-> "writing", left |-> 0, sent |-> (0 :> 0 @@ 1 :> 2)] @@
  c2 :> [pc |-> "held", left |-> 1, sent |-> (0 :> 2 @@ 1 :> 2)] )
/\\ obj = [on |-> TRUE, own |-> c1]

98 states generated, 45 distinct states found, 12 states left on queue.
The depth of the complete state graph search is 3.
`;

function configuration(name: string): Configuration {
  const found = CONFIGURATIONS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no configuration is named ${name}`);
  return found;
}

function row(name: string, output: string): Row {
  return { configuration: configuration(name), ...readReport(output, configuration(name)), seconds: 3.12345 };
}

describe('the report of a run', () => {
  it('tells a specification that holds from one that is broken, with states and depth', () => {
    expect(row('three-clients', HELD)).toMatchObject({ verdict: 'holds', states: 1_234, depth: 37 });
    expect(row('no-guard-on-create', BROKEN)).toMatchObject({
      verdict: 'breaks Mutex',
      states: 45,
      depth: 3,
    });
  });

  it('names the property of a run without progress', () => {
    const output = 'Error: Temporal properties were violated.\n';
    expect(row('progress', output)).toMatchObject({ verdict: 'breaks Progress', states: undefined });
  });

  it('takes a run that ended early for neither', () => {
    expect(row('three-clients', 'Error: java.lang.OutOfMemoryError\n').verdict).toBe('error');
    expect(isAsExpected(row('three-clients', ''))).toBe(false);
  });

  it('is as expected only with the very verdict that was expected', () => {
    expect(isAsExpected(row('three-clients', HELD))).toBe(true);
    expect(isAsExpected(row('three-clients', BROKEN))).toBe(false);
    expect(isAsExpected(row('no-guard-on-create', HELD))).toBe(false);
    expect(isAsExpected(row('no-generation-on-delete', BROKEN))).toBe(false);
  });
});

describe('the table of runs', () => {
  const rows = [row('three-clients', HELD), row('no-guard-on-create', HELD)];

  it('aligns its columns and marks what was not expected', () => {
    expect(formatTable(rows).split('\n')).toEqual([
      'configuration       what                                        states  depth  expected      verdict    seconds',
      'three-clients       the lock                                     1,234     37  holds         holds          3.1',
      'no-guard-on-create  without: create only if there is no object   1,234     37  breaks Mutex  holds (!)      3.1',
    ]);
  });

  it('is JSON where that is asked for', () => {
    const told: unknown = JSON.parse(formatJson(rows));
    expect(told).toMatchObject([
      { configuration: 'three-clients', states: 1_234, depth: 37, verdict: 'holds' },
      { configuration: 'no-guard-on-create', expected: 'breaks Mutex', verdict: 'holds' },
    ]);
  });
});

describe('a counterexample', () => {
  it('is told as actions, each with what it changed', () => {
    expect(formatTrace(readTrace(BROKEN)).split('\n')).toEqual([
      '  0  start',
      '  1  Create',
      '       net: more create of c1 (g 0, m 0, n 0), present, awaited',
      '       cl.c1.pc: idle -> writing',
      '       cl.c1.sent.0: 2 -> 0',
      '  2  Execute',
      '       net: less create of c1 (g 0, m 0, n 0), present, awaited',
      '       obj.on: false -> true',
      '       obj.own: 0 -> c1',
    ]);
  });

  it('is read value by value', () => {
    expect(parseValue('{[a |-> <<1, "two">>], (c1 :> TRUE @@ c2 :> {})}')).toEqual([
      { a: [1, 'two'] },
      { c1: true, c2: [] },
    ]);
  });
});

describe('the command line of the specification', () => {
  it('runs all configurations, or those that are named', () => {
    expect(readSettings([])).toEqual({ action: 'run', isJson: false, configurations: CONFIGURATIONS });
    expect(readSettings(['--json', 'no-margin']).configurations.map(({ name }) => name)).toEqual([
      'no-margin',
    ]);
  });

  it('refuses a name that no configuration has, and an unknown option', () => {
    expect(() => readSettings(['no-such-run'])).toThrow('no configuration is named no-such-run');
    expect(() => readSettings(['--fast'])).toThrow('--fast');
  });
});
