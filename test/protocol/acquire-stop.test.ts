import { describe, expect, it } from 'vitest';
import { acquire } from '../../src/protocol/acquire.ts';
import { startAcquiring, startAnew } from '../../src/protocol/acquire-state.ts';
import {
  ACQUIRE_SETTINGS,
  acquiring,
  applied,
  at,
  found,
  History,
  NEXT,
  OURS,
  read,
  record,
  REFUSED,
  resumed,
  seen,
  tick,
  UNKNOWN,
  version,
  wrote,
} from './tools.ts';

const V = version(7, 1);

describe('a stop of the process while it acquires', () => {
  it('lets nothing count that was sent before it', () => {
    const history = acquiring();
    history.next(resumed(at(0)));
    expect(history.next(wrote(at(50), applied(V)))).toMatchObject({ kind: 'wait' });
    expect(history.next(tick(at(1_000)))).toMatchObject({ kind: 'patch', record: { refreshCount: 1 } });
    const granted = history.next(wrote(at(1_050), applied(version(7, 2))));
    expect(granted).toMatchObject({ kind: 'granted', hold: { creditedAt: at(1_000) } });
  });

  it('lets no record count either that is recognised without an answer', () => {
    const history = acquiring();
    history.next(wrote(at(50), UNKNOWN));
    history.next(resumed(at(60)));
    history.next(read(at(1_100), found(seen(record(), V))));
    expect(history.state.phase.kind).toBe('confirming');
  });

  it('goes on with what is under way', () => {
    const history = acquiring();
    const before = history.state;
    expect(history.next(resumed(at(10)))).toEqual({ kind: 'carry-on' });
    expect(history.state).toEqual({ ...before, wasStopped: true });
  });

  it('says nothing of writes that leave after it', () => {
    const history = new History(acquire, startAcquiring(ACQUIRE_SETTINGS, OURS));
    history.next(resumed(at(0)));
    expect(history.next(tick(at(10)))).toMatchObject({ kind: 'create' });
    expect(history.next(wrote(at(50), applied(V)))).toMatchObject({ kind: 'granted' });
  });

  it('counts for the refresh too that is to confirm a late grant', () => {
    const history = acquiring();
    expect(history.next(wrote(at(54_000), applied(V)))).toMatchObject({ kind: 'patch' });
    history.next(resumed(at(54_000)));
    expect(history.next(tick(at(55_000)))).toMatchObject({ kind: 'patch', record: { refreshCount: 2 } });
  });

  it('says nothing of writes under another lease id', () => {
    const history = acquiring();
    history.next(resumed(at(10)));
    history.next(wrote(at(50), REFUSED));
    expect(startAnew(history.state, NEXT).wasStopped).toBe(false);
  });
});
