/** What the ledger attests behind a receipt, and which letters in ink it shows. */
import type { Entry } from '../tlog/entry.ts';
import { idOf, kindOf } from '../tlog/stream.ts';
import type { Evidence, PaperEvidence } from './evidence.ts';
import type { LetterSignedOnPaper } from './letter-paper.ts';
import type { EntryType } from './rules.ts';
import type { RegisteredPaper } from './verdict.ts';
import type { VerifiedSignature } from './verify-evidence.ts';

const ATTESTED_TYPES: readonly string[] = [
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
      if (signatures.some(({ seq, signature }) => seq === entry.seq && signature === 'verified')) {
        return `seq ${entry.seq} ${entry.type}: that its key had not ended, and that it was its subject who was identified`;
      }
      const { grade, method, identified_by } = entry.body['evidence'] as unknown as Evidence | PaperEvidence;
      const by = identified_by === null ? 'nobody' : `party ${identified_by}`;
      return `seq ${entry.seq} ${entry.type}: signed with evidence of grade ${grade} (${method}; the person identified by ${by})`;
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
