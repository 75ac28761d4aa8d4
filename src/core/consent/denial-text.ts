/**
 * What a denial says to the person whose data were asked for: each code of a decision in Chinese, which has authority, and in
 * English. What would have made it allow, explain-text.ts says to who asked.
 *
 * @module
 */
import type { DecisionCode } from './checks/check.ts';
import type { Said } from './explain-text.ts';

const said = (zh: string, en: string): Said => ({ zh, en });

const DENIED: Readonly<Record<DecisionCode, Said>> = {
  NOAUTH: said('所引用的授权不是您给出的', 'You gave no such authorization'),
  NOT_YET: said('授权尚未开始', 'The authorization had not begun'),
  EXPIRED: said('授权已到期', 'The authorization had ended'),
  REVOKED: said('您已撤回该授权', 'You had taken the authorization back'),
  FROZEN: said('授权已被冻结、暂停或存在争议', 'The authorization was frozen, paused or contested'),
  PARTY: said('请求方不是您授权的机构，或已被停用', 'Who asked is not whom you authorized, or was suspended'),
  OPERATOR: said('操作员没有查询职责', 'The operator had no duty to query'),
  ACTION: said('您没有授权这种行为', 'You did not authorize this action'),
  SCOPE: said('所要的信息超出授权范围', 'More was asked for than you authorized'),
  SOURCE: said('信息来源不在授权之列', 'The source is none that you authorized'),
  RECIPIENT: said('接收方不在授权之列', 'The recipient is none that you authorized'),
  PURPOSE: said('用途不是您所同意的', 'The purpose is none that you agreed to'),
  NOFACILITY: said('没有存续的贷款或授信', 'No loan or line was in force'),
  FORBIDDEN_KIND: said('法律禁止采集这类信息', 'Nobody may collect such information'),
  NEED_WRITTEN: said('没有您的书面同意', 'Your written consent was missing'),
  NEED_SEPARATE: said('没有您的单独同意', 'Your separate consent was missing'),
  NEED_ADVERSE_WARNING: said('授权书没有告知不利后果', 'The letter had not warned of the adverse consequences'),
  NOTICE_MISSING: said('没有事先告知您', 'You had not been told before'),
  EVIDENCE: said('签名的证据等级不够', 'The evidence of the signature was not good enough'),
  CAPACITY: said('签署人的行为能力或代理权不足', 'Who signed could not do so alone'),
  FREQUENCY: said('超过约定的频率', 'It was more often than agreed'),
  QUOTA: said('约定的次数已用完', 'The agreed number of uses was used up'),
  BASIS: said('所称的法律依据不成立', 'The legal basis that was named does not hold'),
  TEMPLATE: said('授权书的文本不合要求', 'The text of the letter is not as it has to be'),
  SUBJECT: said('账本已不再保存该关系中的身份信息', 'The ledger does not know any more whom this relationship is of'),
  SUSPENDED: said(
    '账本丢失过记录，授权在您重新确认之前不能使用',
    'The ledger lost entries: nobody may use the authorization until you confirm it',
  ),
  DUP: said('与尚未使用的一次相同', 'The same was allowed already, and not used yet'),
};

/** Why a door's permit was not taken (release.ts). */
const TURNED_AWAY: Readonly<Record<string, Said>> = {
  LAPSED: said('许可已过期', 'The permit had lapsed'),
  REDEEMED: said('许可已用过', 'The permit was used already'),
  DOOR: said('许可不是给这一机构的', 'The permit was for another door'),
};

/** A code in words; one that nobody has words for stands for itself. */
export function denialText(code: string): Said {
  const known: Readonly<Record<string, Said>> = { ...TURNED_AWAY, ...DENIED };
  return (Object.hasOwn(known, code) ? known[code] : undefined) ?? { zh: code, en: code };
}
