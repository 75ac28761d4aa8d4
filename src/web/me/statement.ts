/** A statement that waits for the person's passkey: what it is about, what it does, and the one button that signs it. */
import { html } from 'hono/html';
import type { StatementKind } from '#core/consent/relationship.ts';
import type { KeyLeft } from '#service/affirming.ts';
import { ACTION_TEXTS } from '#service/person/look-text.ts';
import type { StatementInWords, StatementToSign } from '#service/person/statements.ts';
import type { Html } from '../html.ts';
import { layout } from '../layout.ts';
import { button, buttonRow, linkButton } from '../parts/button.ts';
import { factList } from '../parts/facts.ts';
import { linkRows } from '../parts/link-row.ts';
import { notice } from '../parts/notice.ts';
import { refusal } from '../parts/refusal.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { sayUntil } from '../say.ts';
import { problemLines } from '../sign/sign-page.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { rememberedNotice } from './confirming.ts';
import { keyLeft } from './key-left.ts';
import { grantBadge, meNav, say, sayAll, sayWhen } from './say.ts';

export const SIGNING_SCRIPTS: readonly string[] = ['passkey'];

export interface Signing {
  /** The passkeys' domain. */
  readonly relyingParty: string;
  readonly once: string;
  /** Of what was just refused. */
  readonly problem: string | undefined;
}

/** What a passkey of before the ledger lost entries signs still: it takes away. */
const TAKING: readonly StatementKind[] = ['pause', 'freeze', 'object'];

export function statementPage(
  view: View,
  stated: StatementToSign,
  { relyingParty, once, problem, left }: Signing & { readonly left: KeyLeft | null },
): Html {
  const { me, sign } = wordsOf(view);
  const words = me.statement;
  const { title, does } = words.kinds[stated.kind];
  // What is confirmed is read in both languages.
  const other: View = { ...view, lang: view.lang === 'en' ? 'zh-CN' : 'en' };
  const isEnding = stated.kind === 'release' || stated.kind === 'resume';
  const body = html`${heading(title, say(view, stated.institution))}
${problem === undefined ? '' : refusal(view, problem)}
${TAKING.includes(stated.kind) ? '' : keyLeft(view, left)}
${isEnding ? notice(view, { kind: 'warn', title: words.pressed, body: words.pressedBody }) : ''}
${rememberedNotice(view, stated)}
<p>${does}</p>
${stated.grant === null ? '' : sheet(factsOf(view, stated))}
${stated.kind === 'confirm' && stated.grant !== null ? html`<div lang="${other.lang}">${sheet(factsOf(other, stated))}</div>` : ''}
${stated.releases.map((each) => released(view, each))}
<noscript>${notice(view, { kind: 'info', body: sign.noScript })}</noscript>
<form method="post" action="/me/statements/${stated.ref}" data-sign="statement" data-statement="${JSON.stringify(stated.statement)}" data-rp="${relyingParty}">
<input type="hidden" name="once" value="${once}">
<input type="hidden" name="credential"><input type="hidden" name="signature"><input type="hidden" name="signed_at">
${problemLines(sign.problems)}
${buttonRow(button({ kind: 'primary', text: words.submit, isDisabled: true }), linkButton({ kind: 'quiet', text: words.back, href: backOf(stated) }))}
</form>
<p class="soft">${words.until} ${sayWhen(view, stated.expires_at)}</p>`;
  return layout({
    ...{ title, view, nav: meNav(view), robots: 'noindex', width: 'wide', body },
    scripts: SIGNING_SCRIPTS,
  });
}

function factsOf(view: View, { grant, makes }: StatementInWords): Html {
  const { statement, grant: words, none } = wordsOf(view).me;
  if (grant === null) return html``;
  const named = (from: number | null, to: number) => `${sayWhen(view, from)} – ${sayUntil(view, to)}`;
  return factList([
    [words.status, grantBadge(view, grant.status)],
    [words.action, say(view, ACTION_TEXTS[grant.action])],
    [words.purposes, sayAll(view, grant.purposes)],
    [words.items, sayAll(view, grant.items)],
    [words.doors, grant.doors.length === 0 ? none : sayAll(view, grant.doors)],
    [statement.now, named(grant.from, grant.to)],
    ...(makes === null
      ? []
      : ([
          [statement.later, named(makes.from, makes.to)],
          [statement.purposes, sayAll(view, makes.purposes)],
          [statement.items, sayAll(view, makes.items)],
          [statement.doors, makes.doors.length === 0 ? none : sayAll(view, makes.doors)],
        ] as const)),
  ]);
}

function released(view: View, { institution, frozen_at, grants }: StatementToSign['releases'][number]): Html {
  const { statement: words, overview } = wordsOf(view).me;
  const lines = grants.map(
    (grant) => html`<li>${say(view, ACTION_TEXTS[grant.action])} · ${sayAll(view, grant.purposes)}</li>`,
  );
  return section(
    say(view, institution),
    sheet(html`<p>${words.frozenSince} ${sayWhen(view, frozen_at)}</p>
${lines.length === 0 ? html`<p>${overview.empty}</p>` : html`<p>${words.again}</p><ul>${lines}</ul>`}`),
  );
}

function backOf({ kind, grant }: StatementInWords): string {
  if (kind === 'release') return '/me/freeze';
  return grant === null ? '/me' : `/me/grants/${grant.grant}`;
}

/** Those that wait, on the first page of the person's. */
export function waitingStatements(view: View, waiting: readonly StatementInWords[]): Html | '' {
  if (waiting.length === 0) return '';
  const words = wordsOf(view).me.statement;
  const rows = waiting.map(({ ref, kind, institution, grant, drafted_at }) => ({
    href: `/me/statements/${ref}`,
    title: words.kinds[kind].title,
    note: [
      say(view, institution),
      ...(grant === null ? [] : [say(view, ACTION_TEXTS[grant.action])]),
      sayWhen(view, drafted_at),
    ].join(' · '),
  }));
  return section(words.waiting, linkRows(rows));
}
