import type { Finding, Verdict } from '../../src/cli/doctor/finding.ts';

/** What a doctor thinks of each of its checks. */
export function verdicts(findings: readonly Finding[]): Record<string, Verdict> {
  return Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]));
}
