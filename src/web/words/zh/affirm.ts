/** What a person is told whose passkey is of before the ledger lost entries, and on the pages that make it count again. */
export const affirm = {
  title: '重新核验这把通行密钥',
  lede: '不用换手机，也不用新建密钥：再核验一次您的身份，再用这把密钥确认一次。',
  left: {
    title: '这把通行密钥需要重新核验',
    body: (day: string) =>
      `账本丢失了${day}之后的记录。您可能在那之后挂失过这把密钥，我们无法得知。所以它现在只能用来撤回、暂停、冻结和提出争议，不能签署、确认、恢复或添加设备。`,
    how: '重新核验',
  },
  steps: { identify: '核验身份', confirm: '确认' },
  online: {
    title: '现在就在网上核验',
    body: '请选择一家身份认证机构。它只告诉账本“这把密钥属于您”，并为此签名；然后回到这里。',
    submit: (name: string) => `到${name}核验`,
    none: '这里没有配置身份认证机构，请到营业网点办理。',
  },
  counter: {
    title: '或者到营业网点',
    body: '带上证件原件和这台设备，到当初为您登记密钥、核验身份的机构。柜员核对证件之后，会给您看一个二维码：请用这台设备打开它，再用这把密钥确认。二维码 15 分钟内有效。',
  },
  others: {
    title: '还有别的设备？',
    body: '每台设备上的密钥要各自核验：请在那台设备上登录，再走一遍。丢了的设备不要核验，请在“我的设备”里停用。',
  },
  link: '这个页面要从柜员给您看的二维码或链接打开。如果没有反应，请再打开一次。',
  confirm: {
    title: '最后一步：用这把密钥确认',
    body: (name: string) => `${name}已核验您的身份。请用您登录时的那把通行密钥确认一次，证明它还在您手里。`,
    warn: '确认之后，这把密钥又可以替您签署。如果是电话、短信或旁人要求您打开这个页面，请停下。',
    submit: '用指纹或面容确认',
  },
  done: {
    title: '通行密钥已重新核验',
    body: '它又可以签署和确认了。丢失记录之前给出的授权，还要由您逐项确认；没有确认的，任何人都不能使用。',
    go: '查看待您确认的授权',
  },
  failed: '没有重新核验成功',
  again: '重新开始',
  problems: {
    already_there: { title: '这把密钥已经可以使用', next: '不需要再核验，请直接登录。没有任何内容被更改。' },
    challenge_stale: {
      title: '这个链接不完整，或已经过期',
      next: '请重新开始；是柜员给您的，请他再做一个。没有任何内容被更改。',
    },
    identification_other: {
      title: '核验的不是这把密钥的主人',
      next: '请由您本人、用登记时的同一证件重新核验。没有任何内容被更改。',
    },
    subject_key_unknown: {
      title: '账本里没有这把密钥',
      next: '它可能是在丢失的那段时间里登记的。请从一份授权书的链接另创建一把，或到营业网点办理。没有任何内容被更改。',
    },
    relationship_unknown: {
      title: '没有可以核验的记录',
      next: '与您有关的记录已经删除。请从一份新的授权书的链接另创建一把密钥。没有任何内容被更改。',
    },
  },
} as const;
