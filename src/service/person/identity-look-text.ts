/** The words of a view of identity details: what was shown, why, and by whom where nobody’s key says it. */
import type { Said } from '#core/consent/explain-text.ts';
import type { IdentityField, ViewReason } from '#core/consent/identity-view.ts';
import type { IdentityLook } from './identity-looks.ts';

const said = (zh: string, en: string): Said => ({ zh, en });

export const IDENTITY_VIEW: Said = said('查看身份信息', 'view of identity details');
export const BY_LINK: Said = said('凭授权书链接打开，未表明身份', 'by the letter’s link: nobody said who');

const FIELDS: Readonly<Record<IdentityField, Said>> = {
  id_number: said('证件号码', 'number of the document'),
  name: said('姓名', 'name'),
  phone: said('电话', 'telephone'),
};
const WHOLE_LETTER: Said = said('授权书全文', 'the full letter');

const REASONS: Readonly<Record<ViewReason, Said>> = {
  serve_subject: said('正在为您本人办理', 'serving you'),
  verify_paper: said('核对纸质材料与本人', 'comparing a paper with its person'),
  answer_objection: said('答复您的异议', 'answering your objection'),
  law: said('依法须查看', 'law asks for it'),
};
const TO_READ: Said = said('阅读授权书', 'reading the letter');

/** What was shown. */
export function shownText({ fields }: IdentityLook): readonly Said[] {
  return fields === null ? [WHOLE_LETTER] : fields.map((field) => FIELDS[field]);
}

export function whyText({ why }: IdentityLook): Said {
  return why === null ? TO_READ : REASONS[why];
}
