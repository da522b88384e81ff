import type { Emulator, ScriptedFault } from '../../emulator/index.ts';
import { type CallFault, strikeThose } from '../faults/calls.ts';
import type { Dice } from '../simulation/dice.ts';

/** What can happen to a request, and how often in comparison. */
const STROKES: readonly (readonly [share: number, fault: CallFault])[] = [
  [4, { when: 'before', do: { kind: 'status', status: 429 } }],
  [2, { when: 'before', do: { kind: 'status', status: 503 } }],
  [2, { when: 'after', do: { kind: 'status', status: 503 } }],
  [2, { when: 'before', do: { kind: 'reset' } }],
  [2, { when: 'after', do: { kind: 'reset' } }],
  [1, { when: 'before', do: { kind: 'stall' } }],
  [2, { when: 'before', do: { kind: 'delay', ms: 60 } }],
  [2, { when: 'after', do: { kind: 'delay', ms: 60 } }],
  [1, { when: 'before', do: { kind: 'delay', ms: 1_500 } }],
  [1, { when: 'after', do: { kind: 'delay', ms: 1_500 } }],
  [1, { when: 'before', do: { kind: 'duplicate' } }],
  [1, { when: 'after', do: { kind: 'duplicate' } }],
  [1, { when: 'after', do: { kind: 'truncate' } }],
];

const SHARES = STROKES.reduce((sum, [share]) => sum + share, 0);
const BUSY: CallFault = { when: 'before', do: { kind: 'status', status: 429 } };

/**
 * Lets things happen to requests by chance; now and then the store is busy, and takes few writes or none.
 *
 * @returns what ends it.
 */
export function makeWeather(emulator: Emulator, dice: Dice, nowMs: () => number): () => void {
  const rate = dice.pick(0, 0.05, 0.2, 0.5);
  const busy = Array.from({ length: dice.pick(0, 1, 2, 3) }, () => {
    const fromMs = dice.between(0, 8_000);
    return { fromMs, toMs: fromMs + dice.between(200, 4_000), rate: dice.pick(0.6, 0.9, 1) };
  });
  const busyRate = (): number =>
    busy.find(({ fromMs, toMs }) => fromMs <= nowMs() && nowMs() < toMs)?.rate ?? 0;
  const strike = (fault: CallFault, likelihood: (method: string) => number): ScriptedFault => {
    const where = ({ method }: { readonly method: string }): boolean => dice.chance(likelihood(method));
    return strikeThose({ emulator }, { where }, fault, Infinity);
  };
  const scripts = [
    strike(BUSY, (method) => (method === 'GET' ? 0 : busyRate())),
    ...STROKES.map(([share, fault]) => strike(fault, () => (rate * share) / SHARES)),
  ];
  return () => {
    for (const script of scripts) script.remove();
  };
}
