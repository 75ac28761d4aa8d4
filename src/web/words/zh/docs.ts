/** Around the documentation of the API, which is in English. */
export const docs = {
  title: 'API 文档',
  contents: '本页目录',
  inEnglish: '以下文档由接口描述自动生成，为英文。',
} as const;
