import { changesOf, parseValue, type Value } from './values.ts';

/** One state of a counterexample: the action that led to it, and all variables. */
export interface TraceStep {
  readonly action: string;
  readonly variables: Readonly<Record<string, Value>>;
}

/** The counterexample in TLC's output, if there is one. */
export function readTrace(output: string): TraceStep[] {
  const states = output.matchAll(/^State \d+: (?:<(\S+)[^>]*>)?(.*)\n((?:(?!^State \d|^\d+ states).*\n)*)/gm);
  return [...states].map(([, action = '', rest = '', body = '']) => ({
    action: action === 'Initial' ? 'start' : action || rest.trim(),
    variables: readVariables(body),
  }));
}

function readVariables(body: string): Record<string, Value> {
  const found: Record<string, Value> = {};
  for (const part of body.split(/^\/\\ /m)) {
    const [, name, text] = /^(\w+) = ([^]*)$/.exec(part) ?? [];
    if (name !== undefined && text !== undefined) found[name] = parseValue(text);
  }
  return found;
}

/** The counterexample for people: each step's action, whose it is, and what it changed. */
export function formatTrace(steps: readonly TraceStep[]): string {
  return steps
    .map((step, index) => {
      const before = steps[index - 1]?.variables;
      if (before === undefined) return `${number(index)}  ${step.action}`;
      const changes = Object.entries(step.variables).flatMap(([name, value]) =>
        changesOf(name, before[name], value),
      );
      return [
        `${number(index)}  ${actionOf(step, changes)}`,
        ...changes.map((change) => `       ${change}`),
      ].join('\n');
    })
    .join('\n');
}

/** TLC names no action of a request, since which requests there are changes all the time: what they did tells. */
function actionOf(step: TraceStep, changes: readonly string[]): string {
  if (step.action !== 'Next') return step.action;
  return changes.every((change) => change.startsWith('net: less')) ? 'Vanish' : 'Execute';
}

function number(index: number): string {
  return String(index).padStart(3);
}
