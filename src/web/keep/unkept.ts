/** Why a receipt of a letter is not shown, or its file not made, in words for a person. */
import type { Said } from '#core/consent/explain-text.ts';
import type { Failure, FailureCode } from '#core/failure.ts';

interface Unkept {
  readonly status: 404 | 409 | 422 | 501 | 503;
  said(failure: Failure): Said;
}

export const UNKEPT_NOW: Unkept = {
  status: 503,
  said: () => ({
    zh: '暂时无法显示，请稍后再试；凭证不会因此失效。',
    en: 'It can’t be shown now. Try again later: the receipt is none the worse for it.',
  }),
};

export const UNKEPT: { readonly [C in FailureCode]?: Unkept } = {
  letter_unknown: {
    status: 404,
    said: () => ({
      zh: '没有这一凭证。请核对链接或二维码是否完整。',
      en: 'There is no such receipt. Look whether the link or the code is complete.',
    }),
  },
  letter_unanswered: {
    status: 409,
    said: () => ({
      zh: '这一授权书尚未签署，也没有被拒绝：还没有凭证。',
      en: 'This letter is neither signed nor declined yet: there is no receipt.',
    }),
  },
  glyph_missing: {
    status: 422,
    // The message has the code point alone.
    said: ({ message }) => ({
      zh: `PDF 缺少一个字的字形（${message.split(' ').at(-1)}），因此没有制作。请打印网页上的凭证。`,
      en: `A character has no glyph in the fonts of the PDF (${message.split(' ').at(-1)}), so none was made. Print the page of the receipt instead.`,
    }),
  },
  print_unavailable: {
    status: 501,
    said: () => ({
      zh: '这里不能制作 PDF。请打印网页上的凭证。',
      en: 'No PDF can be made here. Print the page of the receipt instead.',
    }),
  },
};
