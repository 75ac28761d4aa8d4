/**
 * What each check and each requirement asks, and what would have met it, in Chinese, which has authority, and in English.
 *
 * @module
 */
import type { Requirement } from '../pack/rule.ts';
import type { CheckCode } from './checks/check.ts';

export interface Said {
  readonly zh: string;
  readonly en: string;
}

/** What is asked, and what would make the answer yes. */
export interface Asked {
  readonly asks: Said;
  readonly remedy: Said;
}

const asked = (zh: string, en: string, remedyZh: string, remedyEn: string): Asked => ({
  asks: { zh, en },
  remedy: { zh: remedyZh, en: remedyEn },
});

/** The engine's own checks, by their codes. */
const CHECK_TEXTS: Readonly<Record<CheckCode, Asked>> = {
  NOAUTH: asked(
    '所引用的授权是否在本关系中给出',
    'Was the grant that is named given in this relationship?',
    '引用信息主体在本关系中给出的授权，或先取得授权书',
    'Name a grant that the subject gave in this relationship, or ask for a letter first.',
  ),
  NOT_YET: asked('授权是否已开始', 'Has the grant begun?', '等到授权起始时间之后', 'Wait until the grant has begun.'),
  EXPIRED: asked(
    '授权是否尚未到期（到期时刻即不再有效；约定随业务结清而终止的，结清即到期）',
    'Is the grant still running? The instant of its end is no part of it; one that ends with its facility ends with it.',
    '请信息主体另行授权',
    'Ask the subject for a new grant.',
  ),
  REVOKED: asked(
    '授权是否未被撤回（以登记顺序为准）',
    'Is the grant not taken back? The order of entries decides.',
    '请信息主体重新授权；撤回即时生效',
    'Ask the subject for a new grant: taking back counts at once.',
  ),
  FROZEN: asked(
    '信息主体是否未冻结或暂停，且无人主张授权无效或可撤销',
    'Has the subject neither frozen everything nor paused this grant, and does nobody contest it?',
    '仅信息主体本人签名可以解除；机构的认定由作出认定者撤销',
    'Only the subject’s own signature lifts it; a finding is lifted by the party that made it.',
  ),
  PARTY: asked(
    '请求方是否为被授权人（或其承继人；列有候选人的，仅为授信时确定的一家）且未被停用',
    'Is who asks the grantee, or its successor, and in good standing? Where candidates are named, it is the one that was settled when credit was granted.',
    '由被授权人请求；候选人须先确定为被授权人，机构承继须先登记',
    'Let the grantee ask; which candidate it is, and a succession, are registered first.',
  ),
  OPERATOR: asked(
    '操作员是否具有查询职责（管理与查询不得兼任）',
    'Is the operator’s duty to query? Administration and query are never in one hand.',
    '由具有查询职责的操作员请求',
    'Let an operator ask whose duty is to query.',
  ),
  ACTION: asked(
    '行为是否与授权一致',
    'Is it the action that was granted?',
    '该行为须单独授权',
    'This action takes a grant of its own.',
  ),
  SCOPE: asked(
    '每一信息项是否在授权及目录之内',
    'Is every item within the grant, and known to a pack in force?',
    '只请求已授权的信息项',
    'Ask for granted items only.',
  ),
  SOURCE: asked(
    '来源是否为授权所列且未被停用',
    'Is the source one that the grant names, and in good standing?',
    '向授权所列来源查询，或待其恢复（由其自行停用的，由其自行恢复；由账本保管者停用的，由保管者恢复）',
    'Query a source that the grant names, or wait until it is reinstated: by itself where it suspended itself, by the keeper where the keeper did.',
  ),
  RECIPIENT: asked(
    '接收方是否为授权所列（依法律而非授权的除外），且已登记、未被停用',
    'Is the recipient one that the grant names, if it stands on one, and registered and in good standing?',
    '向授权所列、已登记的接收方提供，或待其恢复；向新接收方提供须另行单独同意（个人信息保护法第二十三条）',
    'Send to a recipient that the grant names, or wait until it is reinstated; another one takes separate consent (PIPL 23).',
  ),
  PURPOSE: asked(
    '目的是否为所勾选并为目录所知',
    'Is the purpose one that was ticked, and known to a pack in force?',
    '以已勾选的目的请求，或就该目的另行取得授权',
    'Ask for a purpose that was ticked, or for a grant of this one.',
  ),
  EVIDENCE: asked(
    '签名证据等级是否足够',
    'Is the evidence of the signature good enough?',
    '以更高等级的方式重新签署',
    'Have it signed again with better evidence.',
  ),
  BASIS: asked(
    '所称法律依据是否成立',
    'Does the legal basis that is named hold?',
    '引用文书、合同或法定义务，或取得授权',
    'Name the document, contract or duty, or have a grant.',
  ),
  FREQUENCY: asked(
    '使用频率是否在约定之内',
    'Is it within the frequency that was agreed?',
    '等到本周期结束',
    'Wait until the period is over.',
  ),
  QUOTA: asked(
    '使用次数是否未用尽',
    'Are there uses left?',
    '请信息主体另行授权；待结算的释放先行结算',
    'Ask for a new grant; settle the releases that wait for it.',
  ),
  SUBJECT: asked(
    '经由查询端口的，账本是否仍知道该关系是谁的',
    'Where it leaves by a door: does the ledger know whom the relationship is of?',
    '身份信息已在恢复中丢失：请重新登记该信息主体，并取得新的授权书',
    'The identity was lost in a restore: enrol the person anew, and ask for a new letter.',
  ),
  SUSPENDED: asked(
    '账本曾丢失记录并以新名称延续的，信息主体是否已重新确认',
    'Where the log lost entries and was continued under a new name: did the subject confirm what stood before?',
    '请信息主体以本人密钥确认该授权（confirm）；约定了总次数的，另行取得授权书',
    'Ask the subject to confirm the grant with its own key; one of a limited number of uses takes a new letter.',
  ),
  DUP: asked(
    '是否没有相同的许可尚未使用',
    'Is no permit out for the very same access?',
    '使用已发放的许可，或等其失效；另有文书的，待前一许可被取用后再请求',
    'Use the permit that is out, or wait until it lapses; under another document, ask once the first permit is taken.',
  ),
};

/** What the rules of packs may require. */
export const REQUIREMENT_TEXTS: Readonly<Record<Requirement, Asked>> = {
  written_consent: asked('是否有书面同意', 'Is there written consent?', '取得书面同意', 'Obtain written consent.'),
  separate_consent: asked('是否有单独同意', 'Is there separate consent?', '取得单独同意', 'Obtain separate consent.'),
  adverse_warning: asked(
    '授权书是否告知了不利后果',
    'Did the letter warn of the adverse consequences?',
    '在签署前告知不利后果（警示 adverse_consequence）并重新取得书面同意',
    'Warn of them before the signature (warning adverse_consequence), and obtain written consent again.',
  ),
  notice_before: asked(
    '是否已在此前告知信息主体',
    'Was the subject told before?',
    '先发出告知并登记，再行报送',
    'Send the notice and record it, then report.',
  ),
  live_facility: asked(
    '是否有存续的授信或贷款（结清不等于关闭额度）',
    'Is a facility or line in force? Repaid is not closed.',
    '登记存续的授信；没有授信则不得贷后查询',
    'Record the facility that is in force; without one there is no query after the loan.',
  ),
  party_licensed: asked(
    '相关机构是否持有效许可',
    'Do all who need a licence have one?',
    '由账本保管者登记有效许可',
    'Let the keeper register the licence that is in force.',
  ),
  not_forbidden_kind: asked(
    '是否不含禁止采集的信息',
    'Is nothing asked for that nobody may collect?',
    '任何同意均不能使其合法：去除该信息项',
    'No consent makes it lawful: leave the item out.',
  ),
  within_retention: asked(
    '不良信息自行为或事件终止之日起是否未超过保存期限',
    'Has the adverse information not outlived its years since the behaviour ended?',
    '删除该信息项',
    'Delete the item.',
  ),
  within_retention_from_determination: asked(
    '不良信息自认定之日起是否未超过保存期限',
    'Has the adverse information not outlived its years since it was determined?',
    '删除该信息项',
    'Delete the item.',
  ),
  document_reference: asked(
    '是否有文书编号及两名工作人员',
    'Is there a document, and are there two officers?',
    '提供文书编号并由两名工作人员办理',
    'Give the document’s number, and let two officers ask.',
  ),
  grade_at_least: asked(
    '签名证据等级是否达到要求',
    'Is the evidence of the grade that is wanted?',
    '以更高等级的方式重新签署',
    'Have it signed again with better evidence.',
  ),
  of_age_or_guardian: asked(
    '信息主体是否成年或由监护人签署',
    'Is the subject of age, or did a guardian sign?',
    '登记年龄段；未成年人须由监护人签署',
    'State the age band; for a minor a guardian signs.',
  ),
  signer_authorized: asked(
    '签署人在签署时是否有权代表企业',
    'Could who signed for the firm do so at that moment?',
    '登记有效授权并重新签署',
    'State the authority, and have it signed again.',
  ),
  personal_letter: asked(
    '本人是否签署了自己的授权书',
    'Did the person sign a letter of its own?',
    '取得本人的授权书；企业授权书不涵盖个人',
    'Obtain the person’s own letter: a firm’s covers nobody.',
  ),
  purpose_in_reason_map: asked(
    '查询原因是否与目的对应',
    'Does the reason that is told belong to the purpose?',
    '使用该目的对应的查询原因代码',
    'Give a reason that the purpose is mapped on.',
  ),
  undisputed: asked(
    '是否没有未答复的异议',
    'Is no objection open?',
    '答复异议后标注消除',
    'Answer the objection: then the mark goes.',
  ),
  uncontested: asked(
    '授权书是否未被主张无效或可撤销',
    'Does nobody contest the letter?',
    '争议解决之前不得使用',
    'It is not used until the dispute is settled.',
  ),
  free_queries_left: asked(
    '本年度免费查询次数是否未用尽',
    'Are free queries of this year left?',
    '可以收费，不得拒绝',
    'It may be charged, and is never denied.',
  ),
  not_asked_again: asked(
    '被拒绝的授权事项在静默期内是否未再次征求',
    'Was what the subject refused not asked for again in the quiet period?',
    '静默期届满后方可再次征求',
    'Ask again only after the quiet period.',
  ),
  never: asked('随访问而生的后续义务', 'What follows from the access as such.', '按期履行', 'Do it in time.'),
};

/** What the subject reads once it is settled which candidate grants the line, by its registered name (domain/seeds.md 0.19). */
export function boundText(name: string): Said {
  return { zh: `您的授信由${name}提供`, en: `Your line comes from ${name}` };
}

/** The texts of a code of the table. */
export function checkText(code: CheckCode): Asked {
  return CHECK_TEXTS[code];
}
