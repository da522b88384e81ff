const callbacksOf = new WeakMap<AbortSignal, Set<{ readonly callback: () => void }>>();

/**
 * Calls back once when a caller's signal aborts; the function that it gives ends that.
 *
 * However many calls share a signal, it gets one listener from here: of more than ten Node prints a warning of
 * a leak, and one signal for a hundred locks (that of a shutdown) is no leak.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => undefined;
  const entry = { callback };
  const known = callbacksOf.get(signal);
  const callbacks = known ?? new Set();
  callbacks.add(entry);
  if (known === undefined) {
    callbacksOf.set(signal, callbacks);
    signal.addEventListener('abort', callAll, { once: true });
  }
  return () => {
    if (!callbacks.delete(entry) || callbacks.size > 0 || callbacksOf.get(signal) !== callbacks) return;
    callbacksOf.delete(signal);
    signal.removeEventListener('abort', callAll);
  };
}

function callAll(this: AbortSignal): void {
  const callbacks = callbacksOf.get(this) ?? [];
  callbacksOf.delete(this);
  for (const { callback } of callbacks) callback();
}
