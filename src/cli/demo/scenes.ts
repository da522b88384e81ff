import type { Stage } from './stage.ts';

/** How many acquisitions the first scene shows, and the last one at most. */
const ROUNDS = 6;

/** All want the lock, and get it one after the other. */
export async function contend(stage: Stage): Promise<void> {
  stage.scene('contend', 'Four processes want the same lock');
  stage.begin();
  for (let round = 0; round < ROUNDS; round += 1) await stage.story.next(['acquired']);
}

/** A holder is killed, and its lock is taken over when its ttl is over. */
export async function killHolder(stage: Stage): Promise<void> {
  stage.scene('kill', 'A holder is killed: its lock is taken over once its ttl is over');
  const holder = await refreshedHolder(stage);
  stage.kill(holder);
  await stage.story.next(['killed']);
  await stage.story.next(['acquired'], (grant) => grant.wasTakenOver);
}

/**
 * A holder is stopped for longer than its ttl, and goes on while another holds the lock.
 *
 * @param triesRelease - whether the worker then tries a late release.
 * @returns the worker that was stopped.
 */
export async function stopHolder(stage: Stage, triesRelease: boolean): Promise<string> {
  stage.scene('stop', 'A holder is stopped past its ttl: on waking it knows that its lease is lost');
  const holder = await holderAtWork(stage);
  stage.stop(holder);
  await stage.story.next(['acquired'], (grant) => grant.wasTakenOver);
  stage.continue(holder);
  // In either order: the loss may be learnt, and acted upon, before Node runs the handler of the signal.
  const due = new Set<string>(triesRelease ? ['woke', 'released'] : ['woke']);
  while (due.size > 0) {
    const { kind } = await stage.story.next(['woke', 'released'], ({ worker }) => worker === holder);
    due.delete(kind);
  }
  return holder;
}

/** What stands in for `stopHolder` where a process cannot be stopped. */
export function skipStop(stage: Stage): void {
  stage.scene('stop', 'SKIPPED: Windows cannot stop a process (SIGSTOP) and let it go on');
}

/** Everything goes on as before, until the one that was stopped has had the lock again. */
export async function goOn(stage: Stage, woken: string): Promise<void> {
  stage.scene('go-on', 'Everything goes on');
  for (let round = 0; round < ROUNDS; round += 1) {
    const { worker } = await stage.story.next(['acquired']);
    if (worker === woken) break;
  }
  await stage.story.next(['released', 'lost']);
}

/** The next holder, once it has agreed to work on for as long as the scene needs it. */
async function holderAtWork(stage: Stage): Promise<string> {
  for (;;) {
    const { worker } = await stage.story.next(['acquired']);
    stage.order(worker, 'work-on');
    // Its work may have ended just before the order came; then the next holder is asked.
    const answer = await stage.story.next(['works-on', 'released', 'lost'], (each) => each.worker === worker);
    if (answer.kind === 'works-on') return worker;
  }
}

/** The next holder at work, after its first refresh since then. */
async function refreshedHolder(stage: Stage): Promise<string> {
  for (;;) {
    const worker = await holderAtWork(stage);
    const next = await stage.story.next(['refreshed', 'lost'], (each) => each.worker === worker);
    if (next.kind === 'refreshed') return worker;
  }
}
