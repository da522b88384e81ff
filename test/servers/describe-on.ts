import { describe } from 'vitest';
import { type ServerKind, serverUrl } from './servers.ts';

/** Describes tests that run on one of these servers, and are skipped where the run's setup found none. */
export function describeOn(kind: ServerKind, tests: (url: string) => void): void {
  const url = serverUrl(kind);
  describe.skipIf(url === undefined)(`on ${kind}`, () => tests(url ?? ''));
}
