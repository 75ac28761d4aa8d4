/** Words of how a letter's clauses stand now, on the pages and papers of its receipt. Chinese has authority. */
import type { Said } from '#core/consent/explain-text.ts';
import { sayEnd, sayMoment } from '#core/letter-template/moment.ts';
import type { ClauseStatus } from '#service/shown-letter.ts';

export const STATUSES: Readonly<Record<ClauseStatus, Said>> = {
  pending: { zh: '尚未生效', en: 'not in force yet' },
  active: { zh: '有效', en: 'in force' },
  paused: { zh: '本人已暂停', en: 'paused by its subject' },
  frozen: { zh: '本人已冻结', en: 'frozen by its subject' },
  contested: { zh: '效力有争议，已停用', en: 'contested, and so not usable' },
  suspended: {
    zh: '账本丢失过记录，待本人确认',
    en: 'waits for its subject to confirm it, since the ledger lost entries',
  },
  expired: { zh: '已到期', en: 'ended by itself' },
  revoked: { zh: '已撤回', en: 'withdrawn' },
  not_given: { zh: '未授权', en: 'not given' },
};

/** As one says it, to the second; the file has it to the millisecond. */
export function sayTime(moment: number): Said {
  const second = moment - (moment % 1_000);
  return { zh: `${sayMoment(second, 'zh')}（北京时间）`, en: `${sayMoment(second, 'en')} (Beijing time)` };
}

/** Until when something holds, by its last day where it ends with a day; to the second. */
export function sayUntil(end: number): Said {
  const second = end - (end % 1_000);
  return { zh: `${sayEnd(second, 'zh')}（北京时间）`, en: `${sayEnd(second, 'en')} (Beijing time)` };
}
