import type { Config } from './setup.ts';

const PAIR: Omit<Config, 'name' | 'faults' | 'maxFaults'> = {
  rates: [1, 1],
  ttlTicks: [2, 2],
  acquisitions: 1,
  holdTicks: 2,
  gapTicks: 3,
  takeover: 'server-clock',
  clockSkewMs: 0,
  dateSkewMs: 0,
  mutationIntervalMs: 900,
  hasCounter: false,
};

/** The slowest and the fastest clock that there may be. */
const FAR_APART = [0.95, 1.05];

/** What `npm run explore` explores, each for another way in which the lock may break. */
export const CONFIGS: readonly Config[] = [
  {
    ...PAIR,
    name: 'everything',
    ttlTicks: [3, 3],
    gapTicks: 4,
    faults: [
      'late',
      'reset',
      'duplicate',
      'busy',
      'crash',
      'stop',
      'sleep',
      'nap',
      'doze',
      'resumed',
      'abort',
      'edit',
    ],
    maxFaults: 1,
  },
  { ...PAIR, name: 'network', faults: ['late', 'reset', 'duplicate', 'busy'], maxFaults: 2 },
  { ...PAIR, name: 'processes', faults: ['crash', 'stop', 'resumed', 'abort', 'reset'], maxFaults: 2 },
  { ...PAIR, name: 'sleep', faults: ['sleep', 'late'], maxFaults: 2 },
  {
    ...PAIR,
    name: 'drift',
    rates: FAR_APART,
    ttlTicks: [3, 3],
    gapTicks: 4,
    faults: ['late', 'stop', 'nap', 'doze'],
    maxFaults: 1,
  },
  {
    ...PAIR,
    name: 'observation',
    rates: FAR_APART,
    ttlTicks: [2.1, 2.1],
    takeover: 'observation',
    faults: ['late', 'reset', 'crash', 'nap'],
    maxFaults: 1,
  },
  {
    ...PAIR,
    name: 'skew',
    rates: FAR_APART,
    clockSkewMs: 1000,
    dateSkewMs: 1000,
    gapTicks: 4,
    faults: ['late', 'stop', 'reset'],
    maxFaults: 1,
  },
  {
    ...PAIR,
    name: 'two-ttls',
    ttlTicks: [3, 2],
    gapTicks: 4,
    faults: ['late', 'stop', 'reset'],
    maxFaults: 1,
  },
  { ...PAIR, name: 'edits', faults: ['edit', 'late', 'reset', 'crash'], maxFaults: 2 },
  {
    ...PAIR,
    name: 'counter',
    hasCounter: true,
    faults: ['late', 'reset', 'crash', 'duplicate'],
    maxFaults: 1,
  },
  { ...PAIR, name: 'again', acquisitions: 2, faults: ['abort', 'reset', 'crash', 'late'], maxFaults: 1 },
  {
    ...PAIR,
    name: 'three',
    rates: [1, 1, 1],
    ttlTicks: [2, 2, 2],
    faults: ['late', 'crash', 'reset'],
    maxFaults: 1,
  },
];
