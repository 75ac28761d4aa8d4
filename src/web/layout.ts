/** What every page has around it. No script, and nothing from anywhere else. */
import { html } from 'hono/html';

export type Html = ReturnType<typeof html>;

/** Strict, so that even a mistake in our own pages could load and send nothing. */
export const PAGE_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** Lays out a page. Values inside are escaped by `html`. */
export function layout(page: { readonly title: string; readonly lang: 'zh-CN' | 'en'; readonly body: Html }): Html {
  return html`<!doctype html>
<html lang="${page.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
${page.body}
</body>
</html>
`;
}

/** The same said twice, side by side where there is room. */
export function pair(zh: Html | string, en: Html | string): Html {
  return html`<div class="pair"><div lang="zh-CN">${zh}</div><div lang="en">${en}</div></div>`;
}
