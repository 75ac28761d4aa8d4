/** What a letter's template leaves open, filled in on paper. */
import type { LetterSlots } from '#core/consent/letter-text.ts';
import { both } from '../letter-template/paper-template.ts';

export const SLOTS: LetterSlots = {
  letter_no: 'EX-1890-001',
  grantee: { uscc: '91990001MA00000157', licence: both('示例金融许可证'), contact: both('示例路一号') },
  subject: {
    name: '李示例',
    id_type: both('居民身份证'),
    id_number: '9900**********0014',
    loan_card: null,
    signatory: null,
  },
  doors: [],
};
