import { expect, it } from 'vitest';
import { startEmulator } from '../../emulator/index.ts';
import { eventCommand } from '../../src/cli/event-command.ts';

const IMPORTED = 'gs://commands/events/imported';

it('a wait for an event counts no set from before, unless it is told after which', async () => {
  await using server = await startEmulator({ buckets: ['commands'] });
  const options = { apiEndpoint: server.url, quiet: true };
  expect(await eventCommand('set', IMPORTED, options)).toBe(0);
  expect(await eventCommand('clear', IMPORTED, options)).toBe(0);
  expect(await eventCommand('wait', IMPORTED, { ...options, wait: 0 })).toBe(124);
  expect(await eventCommand('wait', IMPORTED, { ...options, wait: 0, after: 1 })).toBe(124);
  expect(await eventCommand('wait', IMPORTED, { ...options, wait: 0, after: 0 })).toBe(0);
  expect(await eventCommand('wait', IMPORTED, { ...options, after: 0 })).toBe(0);
});
