/** How bad it is: fine, worth knowing, unfit for locks, or not to be told with the permissions that there are. */
export type Verdict = 'fine' | 'warning' | 'unfit' | 'unknown';

/** One thing that was looked at. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly says: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export function fine(check: string, says: string): Finding {
  return { check, verdict: 'fine', says };
}

export function warning(check: string, says: string, remedy: string): Finding {
  return { check, verdict: 'warning', says, remedy };
}

export function unfit(check: string, says: string, remedy: string): Finding {
  return { check, verdict: 'unfit', says, remedy };
}

export function unknown(check: string, says: string, remedy: string): Finding {
  return { check, verdict: 'unknown', says, remedy };
}
