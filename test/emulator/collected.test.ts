import { expect, it } from 'vitest';
import { createEmulator } from '../../emulator/index.ts';
import type { Fault } from '../../emulator/index.ts';
import { collectGarbage } from '../garbage.ts';

const SILENCES: readonly [string, Fault][] = [
  ['is not answered', { when: 'before', do: { kind: 'stall' } }],
  ['is answered by half', { when: 'after', do: { kind: 'truncate', isSilent: true } }],
];

it.each(SILENCES)(
  'a request that %s hears of an abort, though much was collected meanwhile',
  async (_how, fault) => {
    const emulator = createEmulator({ buckets: ['b'] });
    const { strikes } = emulator.faults.add(fault);
    const controller = new AbortController();
    const { signal } = controller;
    const url = 'http://emulated.test/storage/v1/b/b/o';
    const text = emulator.handler(new Request(url, { signal })).then((answer) => answer.text());
    await strikes();
    // What is under way is held by nothing that this test holds.
    await collectGarbage();
    const settled = Promise.race([
      text.then(() => 'answered', String),
      new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve, 'never')))),
    ]);
    controller.abort('enough');
    expect(await settled).toBe('enough');
  },
);
