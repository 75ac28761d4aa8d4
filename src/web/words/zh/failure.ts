/** What went wrong, by code, and what the reader does next. Codes are those of core/failure.ts. */
export const failure = {
  other: { title: '这一步没有完成', next: '请返回上一页重试；如仍不行，请把下面的代码告诉工作人员。' },
  of: {
    cross_site: {
      title: '这个请求不是从本站页面发出的',
      next: '请回到首页，从本站页面上重新操作。没有任何内容被更改。',
    },
    input_invalid: { title: '提交的内容不符合要求', next: '请返回上一页，检查后重新提交。' },
    not_found: { title: '没有这个页面', next: '请核对链接或二维码是否完整，或回到首页。' },
    store_unavailable: { title: '暂时无法显示', next: '数据库没有应答，请稍后再试。' },
  },
} as const;
