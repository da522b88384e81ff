import { describe, expect, it } from 'vitest';
import { jsonNarrator, textNarrator } from '../../src/cli/demo/narrator.ts';
import type { Narrator, Told } from '../../src/cli/demo/story.ts';

const ESCAPE = '\u001B';
const grant = { leaseId: 'f'.repeat(32), requestCount: 37 };

/** The longest of what each kind of line can come to. */
const STORY: readonly Told[] = [
  {
    kind: 'start',
    lock: 'gs://gcs-mutex-demo/demo-0efe08ef',
    server: 'the server at http://127.0.0.1:14443 (STORAGE_EMULATOR_HOST)',
    workers: ['anna', 'ben', 'carl', 'dora'],
    ttlMs: 3_000,
    refreshIntervalMs: 600,
    clockSkewMs: 500,
    seed: 482_113,
  },
  {
    kind: 'note',
    atMs: 0,
    text: 'This server does not check anything that matters to a lock. '.repeat(3).trim(),
  },
  { kind: 'scene', atMs: 0, scene: 'contend', text: 'Four processes want the same lock' },
  { kind: 'acquired', atMs: 10_100, worker: 'anna', waitedMs: 10_200, wasTakenOver: false, ...grant },
  { kind: 'waiting', atMs: 10_200, worker: 'ben', holder: 'anna' },
  { kind: 'waiting', atMs: 10_300, worker: 'ben', holder: 'carl' },
  { kind: 'refreshed', atMs: 10_700, worker: 'anna', remainingMs: 2_690.123456 },
  { kind: 'refresh-failed', atMs: 11_300, worker: 'anna', code: 'ERR_STORE_UNAVAILABLE' },
  { kind: 'works-on', atMs: 11_300, worker: 'anna' },
  { kind: 'stopped', atMs: 11_400, worker: 'anna' },
  { kind: 'acquired', atMs: 15_500, worker: 'carl', waitedMs: 10_200, wasTakenOver: true, ...grant },
  { kind: 'continued', atMs: 15_500, worker: 'anna' },
  { kind: 'lost', atMs: 15_501, worker: 'anna', reason: 'taken-over', learntBy: 'look', afterMs: 123.45 },
  { kind: 'woke', atMs: 15_502, worker: 'anna', isHeld: false },
  { kind: 'released', atMs: 15_510, worker: 'anna', wasHeld: false, heldMs: 4_100 },
  { kind: 'killed', atMs: 15_600, worker: 'carl' },
  { kind: 'released', atMs: 16_000, worker: 'dora', wasHeld: true, heldMs: 1_100 },
];

function narrated(toNarrator: (write: (text: string) => void) => Narrator): string {
  let text = '';
  const narrate = toNarrator((piece) => {
    text += piece;
  });
  for (const told of STORY) narrate(told);
  return text;
}

describe('the narrator', () => {
  const plain = narrated((write) => textNarrator(write, false));

  it('fits a plain terminal of 80 columns, without colours', () => {
    expect(plain).not.toContain(ESCAPE);
    expect(plain.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('says who waits once for each wait, who takes over from whom, and how a loss was learnt', () => {
    expect(plain.match(/ben +waits/g)).toHaveLength(1);
    expect(plain).toContain('15.5 s  carl   TAKES OVER: anna silent for 4.8 s (waited 10.2 s, 37 requests)');
    expect(plain).toContain(
      '15.5 s  anna   LOST its lease (taken-over): lease.isHeld says so 123.5 ms later',
    );
    expect(plain).toContain('15.5 s  anna   its late release changes nothing: carl keeps the lock');
  });

  it('says the same words with colours', () => {
    const coloured = narrated((write) => textNarrator(write, true));
    const withoutColours = coloured.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '');
    // Where the test itself runs without a terminal, newer versions of Node leave the colours out.
    expect(withoutColours).toBe(plain);
  });

  it('prints one JSON object a line for programs', () => {
    const lines = narrated(jsonNarrator).trimEnd().split('\n');
    const kinds = lines.map((line) => {
      const { kind }: { kind: string } = JSON.parse(line);
      return kind;
    });
    expect(kinds).toEqual(STORY.map(({ kind }) => kind));
    expect(lines[6]).toBe('{"kind":"refreshed","atMs":10700,"worker":"anna","remainingMs":2690.123}');
  });
});
