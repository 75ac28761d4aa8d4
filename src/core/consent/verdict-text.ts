/**
 * What each answer of a verdict is called and means (design §4), in Chinese, which has authority, and in English: one wording
 * for every tool. A receipt is *recorded* or not; nothing here says valid or complete.
 *
 * @module
 */
import type { ErasureClass } from './erasure.ts';
import type { Grade } from './evidence.ts';
import type { Said } from './explain-text.ts';
import type { LetterAnswer } from './letter-summary.ts';
import type { Action } from './terms.ts';
import type { Verdict } from './verdict.ts';

/** An answer's word, and what it means to who reads it. */
export interface Meaning {
  readonly word: Said;
  readonly means: Said;
}

const meaning = (zh: string, en: string, meansZh: string, meansEn: string): Meaning => ({
  word: { zh, en },
  means: { zh: meansZh, en: meansEn },
});

interface AxisTexts {
  readonly recorded: Readonly<Record<Verdict['recorded'], Meaning>>;
  readonly decision: Readonly<Record<Verdict['decision'], Meaning>>;
  readonly payload: Readonly<Record<Verdict['payload'], Meaning>>;
}

export const AXIS_TEXTS: AxisTexts = {
  recorded: {
    witnessed: meaning(
      '已登记，已经见证',
      'recorded, witnessed',
      '它在这本账的这一棵树里；您的见证策略所要求的各独立见证方都签署了这棵树，并证明它延续此前的树。只要其中有一家没有参与作假，账本保管者就不能让同样查看这些见证方的人看到另一段历史。',
      'It is in this tree of this log, and the quorum of your policy cosigned the tree as one that continues all before it. Unless all of these took part in it, the log’s keeper can’t show another history to anybody who asks for the same witnesses.',
    ),
    stale: meaning(
      '已登记，见证已过时',
      'recorded, stale',
      '它在这本账的这一棵树里，但按您的钟，没有足够的见证方在您限定的时间内签署过它：此后发生的，如撤回，可能已有不少。请取得新的凭证，并核对您的钟。',
      'It is in this tree of this log, but by your clock no quorum of witnesses cosigned the tree within the time that you allow: much may have come later, such as taking back. Get a newer receipt, and look at your clock.',
    ),
    unwitnessed: meaning(
      '已登记，未经见证',
      'recorded, unwitnessed',
      '它在这本账的这一棵树里，此后改动会被发现；但没有证明您所信任的独立见证方签署过这棵树（没有给出见证策略，或者未达到策略要求的数目），账本保管者仍可能另有一棵。',
      'It is in this tree of this log, and a later change would show; but it was not shown that witnesses whom you trust cosigned the tree (no policy was given, or too few of it did), so the log’s keeper could still show others another one.',
    ),
    diverged: meaning(
      '自相矛盾',
      'diverged',
      '同一本账签署了两棵不能同时成立的树。请保存这个文件：它是不利于账本保管者的证据。',
      'This log signed two trees that can’t both be. Keep this file: it is evidence against the log’s keeper.',
    ),
    invalid: meaning(
      '未证明已登记',
      'not shown to be recorded',
      '这个文件不能证明账本登记过它所说的内容：文件被改动过、不完整、不是凭证，或者属于另一本账。',
      'This file does not show that the log recorded what it says: it was changed, is not whole, is no receipt, or is of another log.',
    ),
  },
  decision: {
    're-derived': meaning(
      '已重新得出',
      're-derived',
      '按账本的规则重新判断一遍，得到的是同一个结果。',
      'The ledger’s rules, run again here, come to the same answer.',
    ),
    attested: meaning(
      '由账本证明',
      'attested',
      '这一结果依据账本保密保存的内容，此处不能重新判断，只有账本自己的说法。',
      'The answer rests on what the ledger keeps sealed; it can’t be decided again here, and is the ledger’s own word.',
    ),
    'not checked': meaning('未检查', 'not checked', '没有可以检查的结果。', 'There was nothing to check.'),
  },
  payload: {
    opened: meaning(
      '已打开',
      'opened',
      '文件中打开了部分原始内容，并与账本登记的承诺相符。',
      'The file opens parts of what was kept, and they are what the log’s entry committed to.',
    ),
    withheld: meaning(
      '未打开',
      'withheld',
      '文件不含原始内容（如姓名、授权书原文），只含登记。',
      'The file holds the record alone, and nothing of what is kept behind it, such as names or texts.',
    ),
    erased: meaning(
      '已删除',
      'erased',
      '登记背后的原始内容（如姓名、授权书原文）已按期从账本删除，账本另有一条登记说明；这份登记本身仍可核验。',
      'What was kept behind the record, such as names or texts, was erased from the ledger in time, and another entry says so; the record itself still verifies.',
    ),
  },
};

export const ACTIONS: Readonly<Record<Action, Said>> = {
  QUERY: { zh: '查询', en: 'query' },
  REPORT: { zh: '报送', en: 'report' },
  PROVIDE: { zh: '提供', en: 'provide' },
  SCORE: { zh: '评分', en: 'score' },
  STORE: { zh: '保存', en: 'store' },
};

export const ANSWERS: Readonly<Record<LetterAnswer, Said>> = {
  signed: { zh: '已签署', en: 'signed' },
  signed_on_paper: { zh: '已在纸上签署', en: 'signed on paper' },
  declined: { zh: '已拒绝', en: 'declined' },
};

/** What a class holds, as it is told to whom it is about. */
export const CLASS_TEXTS: Readonly<Record<ErasureClass, Said>> = {
  letters: {
    zh: '授权书及其证据（含姓名、证件号码、原文、签名）',
    en: 'letters and their evidence (name, document number, text, signature)',
  },
  decisions: { zh: '决定、使用与告知的记录', en: 'records of decisions, uses and notices' },
  objections: { zh: '异议及其答复', en: 'objections and their replies' },
  adverse_items: { zh: '不良信息', en: 'adverse items' },
  certificates: { zh: '电子认证证据', en: 'evidence of a certification authority' },
  face_images: { zh: '人脸图像', en: 'images of faces' },
  keys: { zh: '密钥及其绑定的证据（何人核验了身份）', en: 'keys and how they were bound (who identified the person)' },
};

/** What a certificate of erasure leaves open. */
export const ERASURE_LIMITS: Said = {
  zh: '它不说明这是谁的信息；不能证明备份、数据库日志或其他机构手中没有副本（备份中的副本到保管者公布的日期为止）；也不能证明被删除的内容原先是什么。账本的登记和承诺仍然保留，其中没有个人信息，以前的凭证仍可核验。',
  en: 'It does not say whose data they were; nor that no copy is left in a backup, in the database’s own log or with somebody else (copies in backups last until the day that the keeper states); nor what it was that went. The ledger’s entries and their commitments stay, which hold nothing personal, and earlier receipts still verify.',
};

export const GRADE_TEXTS: Readonly<Record<Grade, Said>> = {
  A: {
    zh: 'A：可靠的电子签名，密钥由持牌认证机构认证',
    en: 'A: a reliable electronic signature, its key certified by a licensed authority',
  },
  B: {
    zh: 'B：本人身份经另一机构核验之后，用绑定的密钥签署',
    en: 'B: signed with a key that was bound after another organisation had identified the person',
  },
  C: {
    zh: 'C：在柜台用笔签署，由两名经办人员登记扫描件',
    en: 'C: signed in ink at a counter; two operators brought in the scan',
  },
  D: {
    zh: 'D：仅凭链接或被授权人自己的说法，不足以支持查询或报送',
    en: 'D: a link or the lender’s own word alone; not enough for a query or a report',
  },
};

export const NOBODY: Said = { zh: '没有机构核验本人身份', en: 'nobody identified the person' };
