/** What the ledger attests behind a receipt, and which letters in ink it shows. */
import type { Entry } from '../tlog/entry.ts';
import { idOf, kindOf } from '../tlog/stream.ts';
import type { Evidence, PaperEvidence } from './evidence.ts';
import type { LetterSignedOnPaper } from './letter-paper.ts';
import { isByLink } from './link.ts';
import type { EntryType } from './rules.ts';
import { isBySession } from './signed-statement.ts';
import type { RegisteredPaper } from './verdict.ts';
import type { VerifiedSignature } from './verify-evidence.ts';

const ANSWERED = 'letter.answered' satisfies EntryType;
const ATTESTED_TYPES: readonly string[] = [
  ANSWERED,
  'letter.signed',
  'letter.signed_on_paper',
  'letter.declined',
  'grant.revoked',
] satisfies readonly EntryType[];

/**
 * What the decision took from a person's stream, of which a receipt shows nothing but keys: named, with who attests it.
 *
 * @param entries The slice that ends with what the receipt is of.
 */
export function factsOf(entries: readonly Entry[], signatures: readonly VerifiedSignature[]): readonly string[] {
  const { stream } = entries.at(-1) as Entry;
  if (kindOf(stream) !== 'rel') return [`${idOf(stream)} asked on a handle that is not its own`];
  return entries
    .filter(({ type }) => ATTESTED_TYPES.includes(type))
    .map((entry) => {
      const where = `seq ${entry.seq} ${entry.type}`;
      if (isByLink(entry)) return `${where}: done by who held the letter’s link, of grade D; nobody was identified`;
      if (entry.type === ANSWERED) return `${where}: what was answered is judged ${String(entry.body['outcome'])}`;
      const signed = signatures.find(({ seq, signature }) => seq === entry.seq && signature === 'verified');
      if (signed !== undefined) {
        const what = signed.by === 'session' ? 'that it was done in the session that its key opened, ' : '';
        return `${where}: ${what}that its key had not ended, and that it was its subject who was identified`;
      }
      const { grade, method, identified_by } = entry.body['evidence'] as unknown as Evidence | PaperEvidence;
      const by = identified_by === null ? 'nobody' : `party ${identified_by}`;
      const done = isBySession(entry) ? 'done by session' : 'signed';
      return `${where}: ${done} with evidence of grade ${grade} (${method}; the person identified by ${by})`;
    });
}

export function papersOf(entries: readonly Entry[]): readonly RegisteredPaper[] {
  return entries
    .filter(({ type }) => type === ('letter.signed_on_paper' satisfies EntryType))
    .map(({ seq, body }) => {
      const { letter, scan } = body as unknown as LetterSignedOnPaper;
      return { seq, letter, scan };
    });
}
