/** A program that holds a lock on the embedded emulator, and prints what it saw. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { EVENTS_CHANNEL, GcsMutex, type LockEvent } from 'gcs-mutex';
import { startEmulator } from 'gcs-mutex/emulator';

async function main(): Promise<void> {
  const kinds: string[] = [];
  const watch = (event: unknown): void => void kinds.push((event as LockEvent).kind);
  subscribe(EVENTS_CHANNEL, watch);
  const server = await startEmulator({ buckets: ['my-bucket'] });
  const mutex = new GcsMutex('my-bucket', 'locks/a', { apiEndpoint: server.url });
  const lease = await mutex.acquire();
  const rival = await mutex.tryRun(() => 'ran');
  const isReleased = await lease.release();
  await server.close();
  unsubscribe(EVENTS_CHANNEL, watch);
  process.stdout.write(
    `${rival.ran ? 'held twice' : 'held once'}, released ${isReleased}: ${kinds.join(' ')}\n`,
  );
}

void main();
