import { type Finding, fine, unfit } from './finding.ts';

const CHECK = 'preconditions';

/** What a store let through though it should have refused it. */
export function guardsFinding(unguarded: readonly string[]): Finding {
  if (unguarded.length === 0) return fine(CHECK, 'every one that the lock needs is enforced');
  // The one store that is known to let all of these through.
  const isFake = ['a patch', 'a delete'].every((call) => unguarded.some((what) => what.startsWith(call)));
  const who = isFake
    ? ' (fake-gcs-server does so: fit for trying things out, not for locks that matter)'
    : '';
  return unfit(
    CHECK,
    `not enforced: ${unguarded.join('; ')}${who}`,
    'use a store that enforces them: Google, or `gcs-mutex emulator` for tests',
  );
}
