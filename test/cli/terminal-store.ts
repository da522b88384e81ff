import { LockStore } from './lock-store.ts';
import { Terminal } from './terminal.ts';

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** What is held for hours is told in hours and minutes, of which the last digit may change while a test looks. */
export const AGE = { heldFor: 2 * HOUR_MS + 20.5 * MINUTE_MS, refreshedAgo: HOUR_MS + 10.5 * MINUTE_MS };
export const LONG_AGE = { heldFor: 25.5 * HOUR_MS };
/** A holder whose name is longer than most terminals have room for. */
export const JOB = 'Cloud Run job nightly-report, execution nightly-report-x7k2p';

/** A store, and a terminal of so many columns whose commands use it. */
export async function openAt(columns: number): Promise<{ store: LockStore; terminal: Terminal }> {
  const store = await LockStore.open();
  return { store, terminal: await Terminal.open({ url: store.server.url, columns }) };
}
