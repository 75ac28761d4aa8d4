/** What went wrong, by code, and what the reader does next. Codes are those of core/failure.ts. */
export const failure = {
  other: { title: '这一步没有完成', next: '请返回上一页重试；如仍不行，请把下面的代码告诉工作人员。' },
  of: {
    already_there: {
      title: '这把通行密钥已经绑定过',
      next: '请直接用它签名或登录；如已挂失，请另创建一把。没有任何内容被更改。',
    },
    already_signed: { title: '这份授权书已经签署过', next: '现在的情况见下。没有任何内容被更改。' },
    challenge_stale: {
      title: '这一步已经过期',
      next: '请从授权书的链接重新打开页面，再做一次。没有任何内容被更改。',
    },
    cross_site: {
      title: '这个请求不是从本站页面发出的',
      next: '请回到首页，从本站页面上重新操作。没有任何内容被更改。',
    },
    identification_missing: {
      title: '需要先确认身份',
      next: '您以前已有密钥，新的通行密钥要由身份服务确认您的身份，或到柜台办理。没有绑定任何密钥。',
    },
    identification_other: {
      title: '确认的不是这份授权书的授权人',
      next: '请由授权人本人、用登记时的同一证件重新确认身份。没有绑定任何密钥。',
    },
    input_invalid: { title: '提交的内容不符合要求', next: '请返回上一页，检查后重新提交。' },
    not_due: {
      title: '还须保存，现在不能删除',
      next: '保存到哪一天、依据哪一条，见“删除我的信息”。没有任何内容被删除。',
    },
    nothing_to_erase: { title: '没有可以删除的信息', next: '不需要再做什么。' },
    invitation_over: {
      title: '这个链接已经用过，或已过期',
      next: '请在第一台设备的“我的设备”里重新做一个。如果刚才用它的不是您，请不要在第一台设备上签名。没有任何内容被更改。',
    },
    invitation_unknown: {
      title: '没有这个链接',
      next: '请核对链接是否完整；重新做过的，原来的已经失效。请在第一台设备的“我的设备”里再做一个。',
    },
    key_invalid: {
      title: '这把通行密钥不能使用',
      next: '请重新创建；设备只支持 RS256 的，请换一台设备，或到柜台办理。没有绑定任何密钥。',
    },
    letter_unknown: {
      title: '没有这份授权书',
      next: '请核对链接是否完整。链接完整的，请向给您链接的机构另要一份。没有任何内容被更改。',
    },
    letter_declined: { title: '这份授权书已经被拒绝', next: '现在的情况见下。没有任何内容被更改。' },
    grade_low: {
      title: '这把通行密钥的证据等级不够',
      next: '请用当初的那把密钥，或另一把经过身份核验的密钥签名；没有的，请到柜台办理。没有任何内容被更改。',
    },
    hold_mismatch: { title: '这里没有要解除的冻结或暂停', next: '可能已经解除。请回到“我的授权”查看现在的状态。' },
    key_suspended: {
      title: '这把通行密钥需要重新核验',
      next: '账本丢失过记录，这把密钥只能用来撤回、暂停、冻结和提出争议。请登录后重新核验它，或到营业网点办理。没有任何内容被更改。',
    },
    quota_unknown: {
      title: '这项授权不能确认',
      next: '它约定了总次数，而已用的次数已经丢失，无法得知。请让机构另发一份授权书。没有任何内容被更改。',
    },
    key_ended: { title: '这把通行密钥已经停用', next: '请换一把您的通行密钥。没有任何内容被更改。' },
    letter_expired: { title: '已经过了可以签名的时间', next: '请重新开始这一步。没有任何内容被更改。' },
    signed_ahead: { title: '您设备的时钟太快', next: '请校准设备的时间，再签一次。没有任何内容被更改。' },
    signed_before: { title: '您设备的时钟太慢', next: '请校准设备的时间，或过几分钟再签一次。没有任何内容被更改。' },
    statement_unknown: { title: '没有这份声明，或已经签过', next: '请回到“我的授权”查看现在的状态。' },
    subject_key_unknown: { title: '这不是您的通行密钥', next: '请换一把您登记过的通行密钥。没有任何内容被更改。' },
    method_not_allowed: {
      title: '这个地址不能这样打开',
      next: '请从上一页的按钮继续，或回到首页。没有任何内容被更改。',
    },
    not_found: { title: '没有这个页面', next: '请核对链接或二维码是否完整，或回到首页。' },
    store_unavailable: { title: '暂时无法显示', next: '数据库没有应答，请稍后再试。' },
  },
} as const;
