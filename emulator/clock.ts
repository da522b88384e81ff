/**
 * The emulated service's clock.
 *
 * The service has two times that a client can read: `updated` and its like in a resource, and the `Date`
 * header of every answer. Google documents no bound on the skew between them, so each can be moved alone.
 */
export interface EmulatorClock {
  /** The service's time in epoch milliseconds, skew included: what `timeCreated` and `updated` are read from. */
  readonly now: () => number;
  /** The time that the `Date` header shows, in epoch milliseconds before it is cut to whole seconds. */
  readonly dateHeader: () => number;
  /** Added to every time the service says, in milliseconds. Default 0; may be changed at any moment. */
  skewMs: number;
  /** Added to the `Date` header alone, on top of `skewMs`, in milliseconds. Default 0. */
  dateHeaderSkewMs: number;
}

/**
 * Makes the service's clock from a function that gives epoch milliseconds.
 *
 * @param source - epoch milliseconds; default `Date.now`.
 */
export function createClock(source: () => number = Date.now): EmulatorClock {
  const clock: EmulatorClock = {
    skewMs: 0,
    dateHeaderSkewMs: 0,
    now: () => Math.trunc(source() + clock.skewMs),
    dateHeader: () => Math.trunc(source() + clock.skewMs + clock.dateHeaderSkewMs),
  };
  return clock;
}
