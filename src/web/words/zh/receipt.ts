/** The page of an access's receipt. */
export const receipt = {
  title: '凭证',
  none: {
    unknown: { title: '没有这一凭证', next: '请核对链接或二维码是否完整。' },
    later: { title: '现在还不能显示', next: '其中一部分依法稍后才告知本人。请过些日子再来；凭证不会因此失效。' },
    now: { title: '暂时无法显示', next: '请稍后再试；凭证不会因此失效。' },
  },
  decision: {
    title: '决定',
    allowed: '允许',
    denied: '拒绝',
    allowedMeans: '账本允许了这一次访问。',
    deniedMeans: '账本拒绝了这一次访问，数据不应被释放。',
  },
  asked: {
    title: '所请求的访问',
    who: '请求方',
    what: '行为',
    why: '用途',
    data: '信息',
    door: '来源或接收方',
    when: '时间',
    comma: '、',
    moment: (moment: string) => `${moment}（北京时间）`,
  },
  actions: { QUERY: '查询', REPORT: '报送', PROVIDE: '提供', SCORE: '评分', STORE: '保存' },
  why: {
    title: '依据',
    looked: (checks: number, rules: number) => `共核对 ${checks} 项检查和 ${rules} 条规则。`,
    none: '没有一项不允许。',
    wanted: '若要允许，须',
  },
  record: {
    title: '登记',
    code: '核对码',
    place: '账本位置',
    placeOf: (index: number, size: string) => `第 ${index} 条，树中共 ${size} 条`,
    access: '访问编号',
    decision: '决定',
    rederived: '已由同一程序重新得出',
    attested: '由账本证明，未重新得出',
  },
  proves: {
    title: '证明什么，不证明什么',
    does: '它证明：账本在这一位置对这一次访问作出了这一决定；此后若有改动，可以被发现。',
    doesNot:
      '它不证明：数据是否真的释放、之后如何使用；签署人是否真正明白；账本之外没有别的访问。本页由账本自己显示，请下载凭证并离线核验。',
  },
  verify: { title: '离线核验', download: '下载凭证', page: '在浏览器里核验下载的文件' },
} as const;
