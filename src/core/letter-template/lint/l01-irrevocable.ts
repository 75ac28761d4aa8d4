import { type LintRule, nothing, phrase } from './rule.ts';

/** Irrevocable, unconditional: consent can be withdrawn (PIPL 15). What was done before stays done, and may be said. */
export const irrevocable: LintRule = {
  rule: 'L01',
  severity: 'error',
  law: [{ doc: 'pipl', art: '15', evidence: 'V' }],
  why: {
    zh: '个人有权撤回同意；约定授权不可撤销、或放弃撤回权，与法律相抵触。',
    en: 'A person may withdraw consent; that it be irrevocable, or the right waived, is against the law.',
  },
  better: {
    zh: '本人可随时撤回任一项授权，撤回自登记之时生效，不影响此前已进行的处理。',
    en: 'I may withdraw each authorization at any time, effective when registered; earlier processing stays valid.',
  },
  phrases: [
    phrase(/(?:不可|不得|不能|无权|不会)(?:单方(?:面)?|随时|自行)?(?:撤销|撤回|撤消)|不可(?:单方(?:面)?)?解除/gu, {
      // What was already sent can't be called back: PIPL 15 says so itself.
      unlessNear: /已(?:经)?(?:进行|报送|完成|提交|发生|提供|查询|作出)/u,
    }),
    phrase(/放弃(?:任何|一切|全部|其|上述)?(?:关于|对)?(?:撤销|撤回|撤消)(?:同意|授权)?的?权?/gu),
    phrase(/无条件地?(?:且|、|及|并|和)?(?:永久地?)?(?:同意|授权|接受|不可|允许|许可)/gu),
    phrase(/永久(?:地|性)?(?:授权|同意|许可)/gu),
  ],
  inText: nothing,
  inTemplate: nothing,
};
