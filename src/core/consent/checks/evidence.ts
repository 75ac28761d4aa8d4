import { GRADES } from '../evidence.ts';
import type { Check } from './check.ts';

/** Denies query and report on a signature of grade D, a bare claim (words.md), and on any grade it does not know. */
export const evidence: Check = {
  code: 'EVIDENCE',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, grant }) =>
    grant !== undefined &&
    !(access.action === 'QUERY' || access.action === 'REPORT' ? ['A', 'B', 'C'] : GRADES).includes(grant.grade),
};
