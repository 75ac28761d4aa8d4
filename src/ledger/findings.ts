/** What an audit finds: counted to the end, and listed up to a limit. */
import type { Finding, FindingCode } from './replay.ts';

/** Past this many findings an audit goes on counting, and stops listing. */
export const LISTED_MAX = 100;

export interface FindingsReport {
  readonly holds: boolean;
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  /** Of which kinds they are, also of those that are not listed. */
  readonly codes: readonly FindingCode[];
}

export interface FindingList {
  add(finding: Finding): void;
  /** Forgets what was found at the end before, since it is found again each time that the whole is looked at. */
  beginEnd(): void;
  addAtEnd(finding: Finding): void;
  report(): FindingsReport;
}

export function listFindings(): FindingList {
  const listed: Finding[] = [];
  const codes = new Set<FindingCode>();
  let count = 0;
  let atEnd: Finding[] = [];
  return {
    add(finding) {
      count++;
      codes.add(finding.code);
      if (listed.length < LISTED_MAX) listed.push(finding);
    },
    beginEnd() {
      atEnd = [];
    },
    addAtEnd(finding) {
      atEnd.push(finding);
    },
    report: () => ({
      holds: count + atEnd.length === 0,
      findings: [...listed, ...atEnd].slice(0, LISTED_MAX),
      findingCount: count + atEnd.length,
      codes: [...new Set([...codes, ...atEnd.map(({ code }) => code)])],
    }),
  };
}
