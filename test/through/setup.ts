import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect } from 'vitest';
import { staysApart } from './apart.ts';
import { closeDoors, openDoors } from './doors.ts';
import { openTokenEndpoint } from './tokens.ts';
import { traffic } from './traffic.ts';
import { through } from './way.ts';

// Runs before each file of the projects whose tests go through HTTP.

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

beforeEach(async () => {
  await openTokenEndpoint();
  await openDoors();
  traffic.clear();
});

afterEach(({ task }) => {
  closeDoors();
  const file = task.file.filepath.slice(ROOT.length);
  const isApart = staysApart(file, task.fullTestName);
  expect(
    traffic.sentCount > 0 !== isApart,
    isApart
      ? 'the test goes through the client of its project: it need not stand in test/through/apart.ts'
      : 'the test sent nothing through the client of its project, and test/through/apart.ts does not say why',
  ).toBe(true);
  for (const userAgent of traffic.userAgents) expect(userAgent).toContain(through().userAgent);
});
