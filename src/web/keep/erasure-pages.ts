/** The page of an erasure's certificate, and its files: for whoever holds its path, since who asked may be nobody's any more. Without script. */
import type { Context as Call, Hono } from 'hono';
import { html } from 'hono/html';
import { CLASS_TEXTS, ERASURE_LIMITS } from '#core/consent/verdict-text.ts';
import type { Context } from '#service/context.ts';
import { erasureReceiptByCapability } from '#service/receipts-by-capability.ts';
import { type ShownErasure, showErasure } from '#service/shown-erasure.ts';
import { PAGE_HEADERS } from '../headers.ts';
import type { Html } from '../html.ts';
import { layout } from '../layout.ts';
import { mainNav } from '../nav.ts';
import { checkCode } from '../parts/check-code.ts';
import { type Fact, factList } from '../parts/facts.ts';
import { notice } from '../parts/notice.ts';
import { qrFrame } from '../parts/qr-frame.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { sayIn, sayList } from '../say.ts';
import { siteOf } from '../site.ts';
import { type View, viewOf } from '../view.ts';
import { wordsOf } from '../words.ts';
import { attachment } from './attachment.ts';
import { rulesOf, scopeOf } from './erasure-words.ts';
import type { KeepOptions } from './keep-pages.ts';
import { sayTime, sayUntil } from './letter-words.ts';
import { requirePrinter, sendPaper } from './paper.ts';
import { qrCode } from './qr.ts';
import { unkept } from './unkept.ts';

/** Adds `/erasures/<capability>`, with its files. */
export function addErasurePages(pages: Hono, context: Context, options: KeepOptions = {}): void {
  const answer = (make: (call: Call, capability: string) => Promise<Response>) => async (call: Call) => {
    try {
      return await make(call, call.req.param('capability') ?? '');
    } catch (failure) {
      return unkept(context, call, failure);
    }
  };
  const urlOf = (call: Call, { capability }: ShownErasure) =>
    `${siteOf(call, options.origin).origin}/erasures/${capability}`;
  pages.get(
    '/erasures/:capability',
    answer(async (call, capability) => {
      const shown = await showErasure(context, capability);
      const page = erasurePage(viewOf(call), shown, urlOf(call, shown), options.printer !== undefined);
      return call.html(page, 200, PAGE_HEADERS);
    }),
  );
  pages.get(
    '/erasures/:capability/certificate.json',
    answer(async (call, capability) =>
      call.body(await erasureReceiptByCapability(context, capability), 200, {
        ...PAGE_HEADERS,
        'content-type': 'application/json',
        'content-disposition': attachment('certificate.json', wordsOf(viewOf(call)).certificate.jsonFile),
      }),
    ),
  );
  pages.get(
    '/erasures/:capability/certificate.pdf',
    answer(async (call, capability) => {
      const printer = requirePrinter(options.printer);
      const shown = await showErasure(context, capability);
      const view = viewOf(call);
      const bytes = await printer.erasure({ ...shown, url: urlOf(call, shown) }, view);
      const code = shown.erasure.check_code;
      return sendPaper(call, bytes, `erasure-certificate-${code}.pdf`, wordsOf(view).certificate.file(code));
    }),
  );
}

/** @param url Its own absolute address. */
function erasurePage(view: View, shown: ShownErasure, url: string, prints: boolean): Html {
  const { certificate: words } = wordsOf(view);
  const code = shown.erasure.check_code;
  const path = new URL(url).pathname;
  return layout({
    title: words.paperTitle(code),
    view,
    nav: mainNav(view),
    robots: 'noindex',
    body: html`${heading(words.title, checkCode(view, code))}
${notice(view, { kind: 'done', title: words.lede, body: words.secret })}
${section(words.recorded, sheet(factList(recorded(view, shown))))}
${section(words.went, html`${shown.erasure.classes.map((each) => classSheet(view, shown, each, words.until))}`)}
${section(words.stays, shown.erasure.kept.length === 0 ? html`<p>${words.nothingStays}</p>` : html`${shown.erasure.kept.map((each) => classSheet(view, shown, each, words.keptUntil))}`)}
${section(words.limits, sheet(html`<p>${sayIn(view, ERASURE_LIMITS)}</p>`))}
${section(
  words.files,
  html`${qrFrame(view, { image: qrCode(url), label: words.code, href: url })}
<div class="unprinted">
<p><a href="${path}/certificate.json" download>${words.json}</a></p>
${prints ? html`<p><a href="${path}/certificate.pdf" download>${words.pdf}</a></p>` : notice(view, { kind: 'info', body: words.noPdf })}
<p><a href="/verify">${wordsOf(view).erase.verify}</a></p>
<pre>npx assent verify certificate.json</pre>
</div>`,
)}`,
  });
}

function recorded(view: View, { log, erasure, asOf }: ShownErasure): readonly Fact[] {
  const { certificate: words, parts } = wordsOf(view);
  return [
    [words.of, scopeOf(view, erasure)],
    [words.time, sayIn(view, sayTime(erasure.time))],
    [words.log, html`<code>${log}</code>`],
    [words.place, words.placeOf(erasure.index, String(asOf ?? '—'))],
    [parts.checkCode, checkCode(view, erasure.check_code)],
    [words.leaf, html`<code>${erasure.leaf}</code>`],
  ];
}

function classSheet(
  view: View,
  { names }: ShownErasure,
  each: ShownErasure['erasure']['kept'][number] & { readonly parts?: number },
  until: string,
): Html {
  const { certificate: words } = wordsOf(view);
  const name = sayIn(view, CLASS_TEXTS[each.class]);
  const rules = rulesOf(names, each.by);
  const isKept = each.parts === undefined;
  const end = each.kept_until === null ? words.open : sayIn(view, sayUntil(each.kept_until));
  const facts: readonly Fact[] = [
    ...(each.kept_until === null && !isKept ? [] : [[until, end] as const]),
    ...(rules.length === 0 ? [] : [[words.by, sayList(view, rules)] as const]),
  ];
  return sheet(html`<h3>${each.parts === undefined ? name : words.wentOf(name, each.parts)}</h3>${factList(facts)}`);
}
