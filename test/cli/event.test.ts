import { expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import { eventCommand } from '../../src/cli/event-command.ts';

const IMPORTED = 'gs://commands/events/imported';

it('a wait for an event ends with 124 when its time is over, and counts no set from before', async () => {
  await using server = await startEmulator({ buckets: ['commands'] });
  const options = { apiEndpoint: server.url, quiet: true };
  expect(await eventCommand('set', IMPORTED, options)).toBe(0);
  expect(await eventCommand('clear', IMPORTED, options)).toBe(0);
  expect(await eventCommand('wait', IMPORTED, { ...options, wait: 150 })).toBe(124);
  expect(await eventCommand('wait', IMPORTED, { ...options, wait: 150, after: 1 })).toBe(124);
  expect(await eventCommand('wait', IMPORTED, { ...options, wait: 150, after: 0 })).toBe(0);
});
