/** What the ledger attests behind a receipt, and which letters in ink it shows. */
import type { Entry } from '../tlog/entry.ts';
import { idOf, kindOf } from '../tlog/stream.ts';
import { ERASURES } from './erasure.ts';
import type { Evidence, PaperEvidence } from './evidence.ts';
import type { Said } from './explain-text.ts';
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
export function factsOf(entries: readonly Entry[], signatures: readonly VerifiedSignature[]): readonly Said[] {
  const { stream, type } = entries.at(-1) as Entry;
  if (ERASURES.includes(type)) return erasureFacts(type);
  if (kindOf(stream) !== 'rel') {
    const asker = idOf(stream);
    return [{ zh: `${asker} 所用的编号不是它自己的`, en: `${asker} asked on a handle that is not its own` }];
  }
  return entries
    .filter(({ type }) => ATTESTED_TYPES.includes(type))
    .map((entry) => {
      const { zh, en } = attestedOf(entry, signatures);
      return {
        zh: `关系内第 ${entry.seq} 条（${entry.type}）：${zh}`,
        en: `seq ${entry.seq} ${entry.type}: ${en}`,
      };
    });
}

/** What an erasure's entry says that only who holds the payloads could count, and what only the audit can compare. */
function erasureFacts(type: string): readonly Said[] {
  const counted: Said = {
    zh: '所删除的项数，以及各类内容最后一次登记的时间（由审计对全账重新核对）',
    en: 'how many parts went, and when the last of each class was made (the audit of the whole ledger compares both)',
  };
  const gone: Said = {
    zh: '这些内容连同密钥已从数据库中销毁',
    en: 'that they are gone from its database, with the keys that opened them',
  };
  const last: Said = {
    zh: '此人在本账本中已没有任何关系',
    en: 'that no relationship of this person was left',
  };
  return type === ('person.erased' satisfies EntryType) ? [counted, gone, last] : [counted, gone];
}

function attestedOf(entry: Entry, signatures: readonly VerifiedSignature[]): Said {
  if (isByLink(entry)) {
    return {
      zh: '由持有授权书链接的人办理，证据等级 D；没有机构核验身份',
      en: 'done by who held the letter’s link, of grade D; nobody was identified',
    };
  }
  if (entry.type === ANSWERED) {
    const outcome = String(entry.body['outcome']);
    return { zh: `对所答内容的判断为 ${outcome}`, en: `what was answered is judged ${outcome}` };
  }
  const signed = signatures.find(({ seq, signature }) => seq === entry.seq && signature === 'verified');
  if (signed !== undefined) {
    const isSession = signed.by === 'session';
    return {
      zh: `${isSession ? '确在其密钥开启的会话中办理，' : ''}其密钥当时尚未终止，且所核验的正是本人身份`,
      en: `${isSession ? 'that it was done in the session that its key opened, ' : ''}that its key had not ended, and that it was its subject who was identified`,
    };
  }
  const { grade, method, identified_by } = entry.body['evidence'] as unknown as Evidence | PaperEvidence;
  const isSession = isBySession(entry);
  return {
    zh: `${isSession ? '在会话中办理' : '已签署'}，证据等级 ${grade}（${method}；${identified_by === null ? '没有机构核验身份' : `身份由机构 ${identified_by} 核验`}）`,
    en: `${isSession ? 'done by session' : 'signed'} with evidence of grade ${grade} (${method}; the person identified by ${identified_by === null ? 'nobody' : `party ${identified_by}`})`,
  };
}

export function papersOf(entries: readonly Entry[]): readonly RegisteredPaper[] {
  return entries
    .filter(({ type }) => type === ('letter.signed_on_paper' satisfies EntryType))
    .map(({ seq, body }) => {
      const { letter, scan } = body as unknown as LetterSignedOnPaper;
      return { seq, letter, scan };
    });
}
