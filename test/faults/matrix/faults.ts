import { gzipSync } from 'node:zlib';
import type { Detour } from '../line.ts';
import type { Fault } from './cell.ts';

export const answers = (statuses: readonly number[], more: object = {}): readonly Fault[] =>
  statuses.map((status) => ({ kind: 'status', status, ...more }));
export const detours = (...to: readonly Detour[]): readonly Fault[] =>
  to.map((each) => ({ kind: 'detour', to: each }));

export const ERRORS = answers([500, 502, 503, 504, 408]);
export const RESET = { kind: 'reset' } as const;
export const STALL = { kind: 'stall' } as const;
export const TWICE = { kind: 'duplicate' } as const;
export const DRIP = { kind: 'wire', what: 'drip' } as const;
export const HALF = {
  kind: 'status',
  status: 200,
  body: '{"kind":"storage#object","name":"locks/one","generat',
} as const;

export const NONSENSE: readonly Fault[] = [
  '<html><body>Welcome to our wireless network</body></html>',
  {},
  { metageneration: '1', metadata: {} },
  { generation: 1_700_000_000_000_001, metageneration: 1 },
  { generation: '0', metageneration: '0' },
].map((body) => ({ kind: 'status', status: 200, body }));

const BLANKS = new Uint8Array(10 * 1024 * 1024).fill(0x20);
export const OVERSIZED: readonly Fault[] = [
  { kind: 'status', status: 200, body: BLANKS },
  { kind: 'status', status: 200, body: gzipSync(BLANKS), headers: { 'content-encoding': 'gzip' } },
];

export function forbidden(permission: string): Fault {
  const message = `job@p.iam.gserviceaccount.com does not have ${permission} access to the object.`;
  return { kind: 'status', status: 403, reason: 'forbidden', message };
}
export const PROTECTIONS: readonly Fault[] = [
  { kind: 'admin', made: 'retention' },
  { kind: 'admin', made: 'temporary hold' },
  { kind: 'admin', made: 'event-based hold' },
];
export const NO_BUCKET = { kind: 'admin', made: 'no bucket' } as const;

export const TOO_MANY = { kind: 'status', status: 429 } as const;
export const WRONG_TOKEN = { kind: 'status', status: 401 } as const;

export const REDIRECTS = [301, 302, 307, 308].flatMap((status) =>
  ['/storage/v1/b/real/o/elsewhere', 'http://127.0.0.1:9/'].flatMap((location) =>
    answers([status], { headers: { location } }),
  ),
);
