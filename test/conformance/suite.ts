import { describe, expect, test } from 'vitest';
import type { ServerKind } from '../servers/servers.ts';
import { CLAIMS } from './claims/all.ts';
import { ANSWERS_TO_STRANGERS } from './claims/answers.ts';
import { NAMES_IN_OWN_BUCKET } from './claims/names.ts';
import type { Claim } from './claim.ts';
import { type Exception, exceptionTo } from './deviations/table.ts';
import { Objects } from './objects.ts';
import type { Target } from './target.ts';

/** What is known of a target before it has started. */
interface Kind extends Pick<Target, 'hasCredentials'> {
  /** Which server of others it is. Whatever is none has to be like Google's service. */
  readonly server?: ServerKind;
  /** Whether the bucket is somebody's, so that no name can be tried but behind a prefix. */
  readonly isShared?: true;
}

/** Every claim on one store, up to the table of deviations. */
export function conformanceSuite(kind: Kind, getTarget: () => Target): void {
  for (const [about, claims] of Object.entries(CLAIMS)) {
    describe(about, () => claimTests(claims, getTarget, kind.server));
  }
  if (kind.hasCredentials === true) claimTests(ANSWERS_TO_STRANGERS, getTarget);
  if (kind.isShared !== true) claimTests(NAMES_IN_OWN_BUCKET, getTarget, kind.server);
}

/** A test for each claim. On a server that deviates its name says how, and just that deviation is expected. */
export function claimTests(claims: readonly Claim[], getTarget: () => Target, server?: ServerKind): void {
  for (const claim of claims) {
    const exception = exceptionTo(server, claim);
    const name = exception === undefined ? claim.says : `${claim.says}. Not here: ${exception.does}`;
    test(name, async () => {
      await check(claim, exception, getTarget());
    });
  }
}

async function check(claim: Claim, exception: Exception | undefined, target: Target): Promise<void> {
  const place = await target.open();
  try {
    const seen = await claim.observe(new Objects(target, place));
    const wanted = { ...claim.google, ...exception?.shows };
    expect(seen, `Source: ${claim.source}`).toStrictEqual(wanted);
  } finally {
    await place.close?.();
  }
}
