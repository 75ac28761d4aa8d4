/** What stands around every page, and in more than one. */
export const frame = {
  product: '授权与同意账本',
  skip: '跳到正文',
  nav: '主要页面',
  home: '首页',
  me: '我的授权',
  desk: '经办台',
  verify: '核验凭证',
  docs: 'API 文档',
  view: {
    title: '显示方式',
    language: '语言',
    size: '字号',
    usual: '标准',
    elder: '长辈模式',
    larger: '大',
    larger2: '更大',
    larger3: '最大',
  },
  noScript: '本页不含脚本，不向任何第三方发送请求。',
  onlyOurScripts: '本页只运行本服务自己的脚本，不向任何第三方发送请求。',
  translation: '译文，以中文为准',
} as const;
