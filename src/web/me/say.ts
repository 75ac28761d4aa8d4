/** How the person's pages say names, moments and how a grant stands. */
import { html } from 'hono/html';
import type { Said } from '#core/consent/explain-text.ts';
import { sayMoment } from '#core/letter-template/moment.ts';
import type { StatusInWords } from '#service/person/grant-words.ts';
import type { Html } from '../html.ts';
import { layout, type NavLink } from '../layout.ts';
import { statusBadge } from '../parts/badge.ts';
import { button } from '../parts/button.ts';
import { notice } from '../parts/notice.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

export function say({ lang }: View, said: Said): string {
  return lang === 'en' ? said.en : said.zh;
}

export function sayAll(view: View, list: readonly Said[]): string {
  return list.map((each) => say(view, each)).join(view.lang === 'en' ? ', ' : '、');
}

/** To the second, in Beijing. */
export function sayWhen(view: View, moment: number | null): string {
  if (moment === null) return wordsOf(view).me.none;
  return sayMoment(moment - (moment % 1_000), view.lang === 'en' ? 'en' : 'zh');
}

export function grantBadge(view: View, status: StatusInWords): Html {
  if (status === 'pending') return html`<span class="badge plain">${wordsOf(view).me.grant.pending}</span>`;
  return statusBadge(view, status);
}

/** A page of the person's own: found by nobody, with its own navigation, and the way out. */
export function mePage(view: View, title: string, body: Html): Html {
  const out = button({ kind: 'quiet', text: wordsOf(view).signIn.out });
  return layout({
    ...{ title, view, nav: meNav(view), robots: 'noindex', width: 'wide' },
    body: html`${body}
<form class="unprinted" method="post" action="/me/sign-out">${out}</form>`,
  });
}

export function meNav(view: View): readonly NavLink[] {
  const { nav } = wordsOf(view).me;
  return [
    { href: '/me', text: nav.overview },
    { href: '/me/connected', text: nav.connected },
    { href: '/me/looks', text: nav.looks },
    { href: '/me/objections', text: nav.objections },
    { href: '/me/devices', text: nav.devices },
    { href: '/me/freeze', text: nav.freeze },
  ];
}

export function frozenNotice(view: View, frozenAt: number | null): Html | '' {
  if (frozenAt === null) return '';
  const { frozen, freeze } = wordsOf(view).me;
  const body = html`<p>${sayWhen(view, frozenAt)}</p><p><a href="/me/freeze">${freeze.how}</a></p>`;
  return notice(view, { kind: 'warn', title: frozen, body });
}
