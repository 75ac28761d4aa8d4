/** What a shipped template leaves open, filled in for a made-up person and lender. */
const both = (zh: string, en: string) => ({ zh, en });

export const SUBJECT = {
  name: '李示例',
  id_type: both('居民身份证', 'Resident identity card'),
  id_number: '9900**********0014',
  loan_card: null,
  signatory: null,
};
export const GRANTEE = {
  uscc: '91990001MA00000157',
  licence: both('消费金融公司金融许可证（示例）', 'Financial licence (example)'),
  contact: both('示例路一号', '1 Example Road'),
};
export const SLOTS = { letter_no: 'EX-1890-001', grantee: GRANTEE, subject: SUBJECT, doors: [] };
