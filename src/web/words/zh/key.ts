/** What the pages say on which a person gets a passkey. */
export const key = {
  title: '创建通行密钥',
  lede: '通行密钥是您在这台设备上的签名：用指纹、面容或锁屏密码打开，不会离开设备，也没有人能替您使用。',
  steps: { make: '创建', identify: '核验身份', confirm: '确认' },
  make: {
    body: '按下按钮，设备会问您是否创建，请用指纹、面容或锁屏密码确认。',
    submit: '创建通行密钥',
    absent: '这台设备不能创建我们能接受的通行密钥（需要 ES256 或 Ed25519）。请换一台设备，或者到营业网点办理。',
  },
  identify: {
    title: '证明这是您本人的通行密钥',
    body: '请选择一家身份认证机构核验您的身份。它只告诉账本“这把密钥属于这份授权书上的人”，并为此签名。',
    submit: (name: string) => `到${name}核验`,
    none: '这里没有配置身份认证机构。',
    link: '不核验身份，只凭这个链接',
    linkBody: '这样登记的密钥只有最低的证据等级（D 级）：可以用来拒绝和撤回，但凭它签署的授权不能用于查询和报送。',
    linkSubmit: '仍然只凭链接登记',
  },
  confirm: {
    title: '最后一步：用这把密钥确认',
    identified: (name: string) => `${name}已核验您的身份。请用刚才创建的通行密钥确认一次，证明它在您手里。`,
    linked: '请用刚才创建的通行密钥确认一次，证明它在您手里。这把密钥没有经过身份核验，证据等级为 D 级。',
    submit: '用指纹或面容确认',
  },
  back: '回到授权书',
  failed: '通行密钥没有登记',
} as const;
