import { type Finding, fine, unfit, warning } from './finding.ts';
import { at, listAt, textAt } from './json.ts';

const CHECK = 'lifecycle';

/**
 * Which lifecycle rules can meet a live lock. Conditions all hold at once
 * (https://docs.cloud.google.com/storage/docs/lifecycle#conditions), so one that a lock never fulfils excludes a rule.
 */
export function lifecycleFindings(bucket: unknown, prefix: string): Finding[] {
  const findings = listAt(bucket, 'lifecycle', 'rule')
    .filter((rule) => canMeetLock(at(rule, 'condition'), prefix))
    .map((rule) => findingOf(rule))
    .filter((finding) => finding !== undefined);
  return findings.length > 0 ? findings : [fine(CHECK, 'no rule that could meet a lock')];
}

function findingOf(rule: unknown): Finding | undefined {
  const action = at(rule, 'action', 'type');
  const age = at(rule, 'condition', 'age');
  if (action === 'Delete' && age === 0) {
    return unfit(
      CHECK,
      'a rule deletes every object at once, locks that are held included',
      'limit the rule by matchesPrefix to what it is meant for',
    );
  }
  if (action === 'Delete') {
    const when = typeof age === 'number' ? `after ${age} day${age === 1 ? '' : 's'}` : 'some time';
    return warning(
      CHECK,
      `a rule deletes objects ${when}: a lock that is held for longer is lost, and one that nobody released goes`,
      'fine where no lock is held that long; else limit the rule by matchesPrefix',
    );
  }
  if (action === 'SetStorageClass') {
    return warning(
      CHECK,
      `a rule moves objects to ${textAt(rule, 'action', 'storageClass')}, where each refresh costs more`,
      'limit the rule by matchesPrefix',
    );
  }
  return undefined;
}

/** Whether the conditions of a rule could all hold for a live object below the prefix, which nobody gave a custom time. */
function canMeetLock(condition: unknown, prefix: string): boolean {
  if (at(condition, 'isLive') === false) return false;
  const needsMore = [
    'numNewerVersions',
    'daysSinceNoncurrentTime',
    'noncurrentTimeBefore',
    'daysSinceCustomTime',
    'customTimeBefore',
  ];
  if (needsMore.some((key) => at(condition, key) !== undefined)) return false;
  const prefixes = listAt(condition, 'matchesPrefix').map(String);
  if (prefixes.length > 0 && !prefixes.some((other) => other.startsWith(prefix) || prefix.startsWith(other)))
    return false;
  const classes = listAt(condition, 'matchesStorageClass');
  return classes.length === 0 || classes.includes('STANDARD');
}
