/** What the pages of the tour's made-up organisations have around them. They are none of the ledger's, and look otherwise. */
import { html } from 'hono/html';

export type Html = ReturnType<typeof html>;

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1b2430, #e4e8ee); --paper: light-dark(#eef3f8, #10161d);
  --sheet: light-dark(#fff, #19222c); --line: light-dark(#c9d5e2, #33404e); --act: light-dark(#0b5394, #8fc3f2); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans SC", sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 2rem) 3rem; }
h1 { font-size: 1.5rem; line-height: 1.3; }
h2 { font-size: 1.125rem; }
.made-up { margin: 0; padding: .5rem clamp(1rem, 4vw, 2rem); background: var(--act); color: var(--paper); font-size: .9375rem; text-align: center; }
.sheet { margin: 1rem 0; padding: 1rem 1.25rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; overflow-wrap: anywhere; }
button, .button { display: inline-block; min-height: 44px; padding: .5rem 1.25rem; border: 1px solid var(--act); border-radius: 6px; background: var(--act);
  color: var(--paper); font: inherit; text-decoration: none; cursor: pointer; }
form { display: inline-block; margin: .25rem .5rem .25rem 0; }
label { display: block; padding: .375rem 0; }
a { color: var(--act); }
button:focus-visible, a:focus-visible, input:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
.soft { opacity: .85; }
`;

/** Strict: these pages have one style, no script, and send forms to themselves and to where they lead back. */
export function tourHeaders(formActions: readonly string[] = []): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self' ${formActions.join(' ')}; frame-ancestors 'none'`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

export const TOUR_STYLE: { readonly text: string; readonly headers: Record<string, string> } = {
  text: STYLE,
  headers: { ...tourHeaders(), 'content-type': 'text/css; charset=utf-8' },
};

export function tourPage(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/tour.css">
</head>
<body>
<header class="made-up">演示：这里的机构和人都是虚构的 <span lang="en">Demo: everybody here is made up</span></header>
<main>
${body}
</main>
</body>
</html>
`;
}
