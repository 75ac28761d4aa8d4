/** Words of a letter's receipt, on its pages and papers. Chinese has authority. */
import type { Grade } from '#core/consent/evidence.ts';
import type { Said } from '#core/consent/explain-text.ts';
import type { LetterAnswer } from '#core/consent/letter-summary.ts';
import type { Action } from '#core/consent/terms.ts';
import { sayMoment } from '#core/letter-template/moment.ts';
import type { ClauseStatus } from '#service/shown-letter.ts';

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

export const GRADES: Readonly<Record<Grade, Said>> = {
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

export const STATUSES: Readonly<Record<ClauseStatus, Said>> = {
  pending: { zh: '尚未生效', en: 'not in force yet' },
  active: { zh: '有效', en: 'in force' },
  paused: { zh: '本人已暂停', en: 'paused by its subject' },
  frozen: { zh: '本人已冻结', en: 'frozen by its subject' },
  contested: { zh: '效力有争议，已停用', en: 'contested, and so not usable' },
  expired: { zh: '已到期', en: 'ended by itself' },
  revoked: { zh: '已撤回', en: 'withdrawn' },
  not_given: { zh: '未授权', en: 'not given' },
};

export const NOBODY: Said = { zh: '没有机构核验本人身份', en: 'nobody identified the person' };

/** As one says it, to the second; the file has it to the millisecond. */
export function sayTime(moment: number): Said {
  const second = moment - (moment % 1_000);
  return { zh: `${sayMoment(second, 'zh')}（北京时间）`, en: new Date(moment).toISOString() };
}
