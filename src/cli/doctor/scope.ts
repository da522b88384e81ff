import { type Finding, fine, unknown } from './finding.ts';

const CHECK = 'OAuth scope';

/**
 * Whether the tokens have a wide enough scope, by what could be done with them: no credential says what its tokens
 * may do. Nothing is said where nothing is known.
 */
export function scopeFindings(sendsCredentials: boolean, findings: readonly Finding[]): Finding[] {
  if (!sendsCredentials) return [fine(CHECK, 'none is needed, since no credentials are sent')];
  const verdictOf = (check: string): Finding['verdict'] | undefined =>
    findings.find((finding) => finding.check === check)?.verdict;
  if (verdictOf('refresh (patch)') === 'fine') {
    return [fine(CHECK, 'wide enough: a refresh went through, for which devstorage.read_write does not do')];
  }
  if (verdictOf('create') !== 'fine') return [];
  const says = 'perhaps too narrow: all that devstorage.read_write allows works, and a refresh does not';
  const remedy = 'give the scope cloud-platform or devstorage.full_control; on a VM its access scopes set it';
  return [unknown(CHECK, says, remedy)];
}
