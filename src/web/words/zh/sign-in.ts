/** What the pages say on which a person signs in and out. */
export const signIn = {
  title: '本人登录',
  lede: '用您的通行密钥（指纹、面容或锁屏密码）登录，查看谁查过您、随时撤回授权。没有密码，也不用短信。',
  submit: '用通行密钥登录',
  none: '还没有通行密钥？您签署第一份授权书时会创建；也可以到营业网点办理。',
  out: '退出登录',
  problem: '没有登录成功',
  stale: '页面打开得太久了，请再试一次。',
  refused: '没有找到这把通行密钥，或者它已停用。',
  lost: (day: string) =>
    `账本丢失了${day}之后的记录：在那之后登记的通行密钥也丢了。请从一份授权书的链接另创建一把，或带证件到营业网点办理。`,
} as const;
