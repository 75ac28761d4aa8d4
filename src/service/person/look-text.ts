/** The words of a look that no pack has: what was done, what came of it, on which ground. */
import { denialText } from '#core/consent/denial-text.ts';
import type { Said } from '#core/consent/explain-text.ts';
import type { Action } from '#core/consent/terms.ts';
import type { LookClass, LookResult } from './look-result.ts';

const said = (zh: string, en: string): Said => ({ zh, en });

export const ACTION_TEXTS: Readonly<Record<Action, Said>> = {
  QUERY: said('查询', 'query'),
  REPORT: said('报送', 'report'),
  PROVIDE: said('提供', 'provide'),
  SCORE: said('评分', 'score'),
  STORE: said('保存', 'store'),
};

export const CLASS_TEXTS: Readonly<Record<LookClass, Said>> = {
  approval: said('审批类', 'for a decision on credit'),
  post_loan: said('贷后管理类', 'after the loan'),
  other: said('其他', 'other'),
};

const BASES: Readonly<Record<string, Said>> = {
  contract_necessary: said('履行合同所必需', 'necessary for a contract'),
  statutory_duty: said('法定职责或义务', 'a duty by law'),
  public_by_law: said('依法公开的信息', 'public by law'),
  judicial: said('司法或执法依据', 'a judicial document'),
};

export function basisText(basis: string): Said {
  return BASES[basis] ?? said(basis, basis);
}

const RESULTS: Readonly<Record<LookResult['kind'], Said>> = {
  denied: said('已拒绝，没有给出数据', 'Denied: no data moved'),
  used: said('已允许并记录使用', 'Allowed, and recorded as used'),
  waiting: said('已允许，尚未取用', 'Allowed, not taken yet'),
  lapsed: said('已允许，但未取用，许可已失效', 'Allowed, never taken: the permit lapsed'),
  turned_away: said('数据方没有给出', 'The source turned it away'),
  unsettled: said('已取用，数据方尚未说明给了什么', 'Taken; the source has not said yet what it gave'),
  released: said('已给出', 'Handed over'),
  nothing_found: said('查无记录', 'Nothing was found'),
  failed: said('未能给出（技术原因）', 'Nothing was handed over: it failed'),
  refused: said('数据方拒绝给出', 'The source refused'),
};

/** Why a door refuses what is asked of it under a permit. */
const REASONS: Readonly<Record<string, Said>> = {
  PERMIT: said('许可不符', 'the permit does not fit'),
  SUBJECT: said('所问的不是同一人', 'it was asked about someone else'),
  SCOPE: said('所要的多于许可', 'more was asked for than is permitted'),
  REQUEST: said('请求与许可不符', 'the request is not the permitted one'),
  LAPSED: said('许可已过期', 'the permit had lapsed'),
  OTHER: said('其他原因', 'another reason'),
};

/** What came of a look, in one line; why, in those that follow. */
export function resultText(result: LookResult): { readonly line: Said; readonly why: readonly Said[] } {
  const line = RESULTS[result.kind];
  switch (result.kind) {
    case 'denied':
    case 'turned_away':
      return { line, why: result.codes.map(denialText) };
    case 'refused':
      return {
        line,
        why: result.reason === null ? [] : [REASONS[result.reason] ?? said(result.reason, result.reason)],
      };
    default:
      return { line, why: [] };
  }
}
