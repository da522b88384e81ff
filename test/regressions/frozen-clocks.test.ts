import { expect, it } from 'vitest';
import { hold } from '../../src/protocol/hold.ts';
import { isHeldAt } from '../../src/protocol/hold-state.ts';
import {
  applied,
  at,
  found,
  History,
  holding,
  read,
  record,
  REFUSED,
  resumed,
  seen,
  tick,
  version,
  wrote,
} from '../protocol/tools.ts';

/**
 * A process that is frozen right after a refresh has left, with its clocks, is told of it at the very moment, by
 * these clocks, at which that refresh was sent. The refresh was applied long ago: where it counts, others see a
 * stale record while its holder believes.
 */
it('a refresh that left before a freeze settles no doubt, though the clocks show one and the same moment', () => {
  const history = new History(hold, holding());
  const sentAt = at(20_000);
  expect(history.next(tick(sentAt))).toMatchObject({ kind: 'patch', record: { refreshCount: 1 } });
  history.next(resumed(sentAt));
  history.next(tick(at(21_000)));
  history.next(wrote(at(21_100), REFUSED));
  history.next(read(at(21_200), found(seen(record({ refreshCount: 1 }), version(7, 2)))));
  expect(isHeldAt(history.state, at(21_200))).toBe(false);
  history.next(tick(at(22_000)));
  history.next(wrote(at(22_100), applied(version(7, 3))));
  expect(isHeldAt(history.state, at(22_100))).toBe(true);
});
