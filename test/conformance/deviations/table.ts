import type { ServerKind } from '../../servers/servers.ts';
import type { Claim, Seen } from '../claim.ts';
import { FAKE_GCS_SERVER } from './fake-gcs-server.ts';
import { GCSEMULATOR } from './gcsemulator.ts';
import type { Deviation } from './row.ts';

/**
 * All that the servers of others are known to do otherwise than Google's service, seen by calls against the
 * pinned versions. The embedded emulator has no rows. A row that is no longer true fails the tests.
 */
export const DEVIATIONS: Readonly<Record<ServerKind, readonly Deviation[]>> = {
  'fake-gcs-server': FAKE_GCS_SERVER,
  gcsemulator: GCSEMULATOR,
};

/** How a server breaks a claim: by one row, or by several at once. */
export interface Exception {
  readonly does: string;
  readonly shows: Seen;
}

/** The exception that the table makes for a claim on a server. */
export function exceptionTo(server: ServerKind | undefined, { says }: Claim): Exception | undefined {
  const rows = rowsOf(server).filter(({ shows }) => shows?.[says] !== undefined);
  if (rows.length === 0) return undefined;
  return {
    does: rows.map(({ does }) => does).join('; '),
    shows: Object.assign({}, ...rows.map(({ shows }) => shows?.[says])),
  };
}

/** Whether a server is known for something that tests above single requests meet. */
export function isKnownTo(server: ServerKind | undefined, what: Deviation['means']): boolean {
  return rowsOf(server).some(({ means }) => means === what);
}

function rowsOf(server: ServerKind | undefined): readonly Deviation[] {
  return server === undefined ? [] : DEVIATIONS[server];
}
