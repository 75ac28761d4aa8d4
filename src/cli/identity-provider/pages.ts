/** The pages of the synthetic identity provider. Values inside are escaped by `html`; they run no script. */
import { html } from 'hono/html';
import type { Asked } from './asked.ts';
import { type MadeUpPerson, maskNumber } from './people.ts';
import { wordsOf } from './words.ts';

type Html = ReturnType<typeof html>;
type Language = Asked['lang'];

/** What the provider sends back. */
export interface Answer {
  readonly state: string;
  readonly identified_at: string;
  readonly identification: string;
}

/** Asks who it is. */
export function choosePage(asked: Asked, people: readonly MadeUpPerson[]): Html {
  const words = wordsOf(asked.lang);
  const { lang: _lang, person: _person, ...fields } = asked;
  const body = html`<h1>${words.choose}</h1>
<p>${words.why}</p>
<form method="post" action="/confirm">
${hidden({ ...fields, ...(asked.lang === undefined ? {} : { lang: asked.lang }) })}
<fieldset><legend>${words.legend}</legend>
${people.map(
  ({ name, id_number }, at) =>
    html`<label><input type="radio" name="person" value="${at}" required><span>${name} <span class="number">${maskNumber(id_number)}</span></span></label>\n`,
)}</fieldset>
<button type="submit">${words.confirm}</button>
</form>
<p>${words.notYou}</p>`;
  const other = html`<form method="post" action="/identify">
${hidden({ ...fields, lang: words.other.lang })}
<button class="quiet" type="submit" lang="${words.other.lang}">${words.other.text}</button>
</form>`;
  return page(asked.lang, words.choose, body, other);
}

/** Sends the person back, with what was signed. */
export function confirmedPage({ lang, return_to }: Asked, { name }: MadeUpPerson, answer: Answer): Html {
  const words = wordsOf(lang);
  const body = html`<h1>${words.confirmed}</h1>
<p role="status">${words.next(name)}</p>
<form method="post" action="${return_to}">
${hidden({ ...answer })}
<button type="submit">${words.back}</button>
</form>`;
  return page(lang, words.confirmed, body);
}

/** To who comes here without being sent. */
export function idlePage(lang: Language): Html {
  const words = wordsOf(lang);
  return page(lang, words.site, html`<h1>${words.site}</h1>\n<p>${words.idle}</p>`);
}

/** Says nothing of what was sent. */
export function refusedPage(lang: Language, code: string): Html {
  const words = wordsOf(lang);
  const body = html`<h1>${words.unreadable}</h1>
<p role="alert">${words.again}</p>
<p>${words.code} <code>${code}</code></p>`;
  return page(lang, words.unreadable, body);
}

function hidden(fields: Readonly<Record<string, string>>): Html[] {
  return Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`);
}

function page(lang: Language = 'zh-CN', title: string, body: Html, foot: Html | '' = ''): Html {
  const words = wordsOf(lang);
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · ${words.site}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>${words.site}</header>
<main>
<p class="stand-in">${words.standIn}</p>
${body}
</main>
<footer>${foot}</footer>
</body>
</html>
`;
}
