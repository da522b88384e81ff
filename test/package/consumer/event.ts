/** A user of events: one says something, others wait for it. */
import { type EventStatus, GcsEvent, type GcsEventOptions, GcsLocks, type NextSetOptions } from 'gcs-mutex';

export async function everyCallOnAnEvent(signal: AbortSignal): Promise<string> {
  const options: GcsEventOptions = { requestTimeoutMs: 5_000, backoff: { maxMs: 10_000 } };
  const event = new GcsEvent('my-bucket', 'events/imported', options);
  const others = [
    GcsEvent.fromUrl(event.url, options),
    new GcsLocks('gs://my-bucket').event('imported', options),
  ];
  const setCount: number = await event.set('2026-11-29', { timeoutMs: 10_000, signal });
  await others[0]?.clear({ timeoutMs: 10_000, signal });
  const isSet: boolean = await event.isSet({ signal });
  const payload: string = await event.wait({ timeoutMs: Infinity, signal });
  const next: NextSetOptions = { after: setCount, timeoutMs: 60_000, signal };
  return [isSet, payload, tell(await event.nextSet(next)), tell(await event.status({ signal }))].join();
}

function tell({ isSet, payload, setCount, since, version }: EventStatus): string {
  return [isSet, payload, setCount, since?.toISOString(), version?.generation].join();
}
