/**
 * The page that verifies receipts: one file with its style and its script in it, so that it works from disk, too. The policy
 * admits that very script and style by their digests, and no request to anybody.
 *
 * @module
 */
import { html, raw } from 'hono/html';
import { toBase64, utf8 } from '#core/bytes.ts';
import { sha256 } from '#core/hash.ts';
import type { Html } from '../html.ts';
import { ICON_SVG } from '../icon-file.ts';
import { STYLE } from '../style.ts';
import { VERIFY_SCRIPT } from '../verify-script.gen.ts';
import { rootClass, type View } from '../view.ts';
import { en } from '../words/en.ts';
import { zh } from '../words/zh.ts';
import { wordsOf } from '../words.ts';
import { VERIFY_STYLE } from './style.ts';

const PAGE_STYLE = `${STYLE}\n${VERIFY_STYLE}`;

const digestOf = (text: string): string => `'sha256-${toBase64(sha256(utf8(text)))}'`;

/** What a page may say of itself; that nobody may frame it, only its headers can. */
const POLICY: string = [
  "default-src 'none'",
  `script-src ${digestOf(VERIFY_SCRIPT)}`,
  `style-src ${digestOf(PAGE_STYLE)}`,
  'img-src data:',
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export const VERIFY_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=UTF-8',
  'cache-control': 'no-store',
  'content-security-policy': `${POLICY}; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** @param vkey What the page begins with, and says that it was given by this ledger. */
export function verifyPage(view: View, vkey: string): Html {
  const { verify, frame } = wordsOf(view);
  return html`<!doctype html>
<html lang="${view.lang}" class="${rootClass(view)}" data-vkey="${vkey}">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${verify.title} · Assent</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(ICON_SVG)}">
<style>${raw(PAGE_STYLE)}</style>
</head>
<body class="text">
<header class="top"><div class="inner">
<span class="brand"><span class="stamp" lang="zh-CN" aria-hidden="true">诺</span><span class="names"><span class="name" lang="en">Assent</span> <span class="product">${frame.product}</span></span></span>
</div></header>
<main id="content" tabindex="-1">
<noscript><h1>${verify.title}</h1><p lang="zh-CN">${zh.verify.noScript}</p><p lang="en">${en.verify.noScript}</p></noscript>
</main>
<footer class="bottom"><div class="inner"></div></footer>
<script>${raw(VERIFY_SCRIPT)}</script>
</body>
</html>
`;
}
