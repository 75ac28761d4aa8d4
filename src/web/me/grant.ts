/** One authorization: what it allows, what taking it back would do, and who has heard that it was. */
import { html } from 'hono/html';
import type { KeyLeft } from '#service/affirming.ts';
import type { GrantInWords } from '#service/person/grant-words.ts';
import { ACTION_TEXTS } from '#service/person/look-text.ts';
import type { Propagation } from '#service/person/propagation.ts';
import type { RevokePreview } from '#service/person/revoke-preview.ts';
import type { Html } from '../html.ts';
import { button, buttonRow, linkButton } from '../parts/button.ts';
import { factList } from '../parts/facts.ts';
import { notice } from '../parts/notice.ts';
import { propagation } from '../parts/propagation.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { emptyState } from '../parts/state.ts';
import { sayUntil } from '../say.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { confirming } from './confirming.ts';
import { endingForm } from './ending-form.ts';
import { keyLeft } from './key-left.ts';
import { grantBadge, mePage, say, sayAll, sayWhen } from './say.ts';

/** @param at `receipt`: the path of the letter's receipt. `once` names the page's form. `left`: of the key that signed in. */
export function grantPage(
  view: View,
  preview: RevokePreview,
  { heard }: Propagation,
  { receipt, once, left }: { readonly receipt: string; readonly once: string; readonly left: KeyLeft | null },
): Html {
  const { grant: words } = wordsOf(view).me;
  const { grant, institution, can } = preview;
  const body = html`${heading(words.title, say(view, institution))}
${sheet(factsOf(view, grant, say(view, institution), receipt))}
${
  heard.length === 0
    ? ''
    : section(
        words.told,
        propagation(
          view,
          heard.map(({ name, acknowledged_at }) => ({
            name: say(view, name),
            state: acknowledged_at === null ? ('waiting' as const) : ('told' as const),
            ...(acknowledged_at === null ? {} : { moment: sayWhen(view, acknowledged_at) }),
          })),
        ),
      )
}
${buttonRow(
  ...(can ? [linkButton({ kind: 'danger', text: words.revoke, href: `/me/grants/${grant.grant}/revoke` })] : []),
  linkButton({ kind: 'quiet', text: words.object, href: `/me/objections/new?grant=${grant.grant}` }),
)}
${can && grant.status === 'suspended' ? keyLeft(view, left) : ''}
${can ? confirming(view, grant, once) : ''}
${can ? pausing(view, grant, once) : ''}`;
  return mePage(view, words.title, body);
}

/** It stops at one press, and goes on by a signature. */
function pausing(view: View, { grant, paused_at }: GrantInWords, once: string): Html {
  const { pause, resume } = wordsOf(view).me.statement;
  if (paused_at !== null) {
    const since = html`<p>${resume.since} ${sayWhen(view, paused_at)}</p><p>${resume.body}</p>`;
    return section(resume.title, html`${since}${endingForm(`/me/grants/${grant}/resume`, once, resume.submit)}`);
  }
  return section(
    pause.title,
    html`<p>${pause.body}</p><form method="post" action="/me/grants/${grant}/pause"><input type="hidden" name="once" value="${once}">${button({ kind: 'quiet', text: pause.submit })}</form>`,
  );
}

function factsOf(view: View, grant: GrantInWords, institution: string, receipt: string): Html {
  const { grant: words, none } = wordsOf(view).me;
  const whose =
    grant.grantee === null ? `${words.unbound}: ${sayAll(view, grant.candidates)}` : say(view, grant.grantee);
  return factList([
    [words.status, grantBadge(view, grant.status)],
    [words.institution, grant.grantee === null ? `${institution}（${whose}）` : whose],
    [words.letter, html`<a href="${receipt}"><code>${grant.letter}</code></a>`],
    [words.action, say(view, ACTION_TEXTS[grant.action])],
    [words.purposes, sayAll(view, grant.purposes)],
    [words.items, sayAll(view, grant.items)],
    [words.doors, grant.doors.length === 0 ? none : sayAll(view, grant.doors)],
    [words.signed, sayWhen(view, grant.signed_at)],
    [words.from, sayWhen(view, grant.from)],
    [words.to, sayUntil(view, grant.to)],
    [words.grade, grant.grade],
    [words.used, grant.uses_max === null ? String(grant.used) : `${grant.used} / ${grant.uses_max}`],
  ]);
}

/** What is previewed, and one button that does it. @param once Names this form, so that sending it twice does it once. */
export function revokePage(
  view: View,
  previews: readonly RevokePreview[],
  at: { readonly action: string; readonly once: string },
): Html {
  const { revoke: words } = wordsOf(view).me;
  const title = at.action === '/me/revoke-all' ? words.all : words.title;
  const standing = previews.filter(({ can }) => can);
  const empty = emptyState(
    view,
    previews.length === 0 ? { title: words.nothing, body: words.nothingBody } : { title: words.cannot },
  );
  const body = html`${heading(title, words.lede)}
${standing.map((each) => previewOf(view, each))}
${
  standing.length === 0
    ? empty
    : html`<form method="post" action="${at.action}"><input type="hidden" name="once" value="${at.once}">
${standing.map(({ grant }) => html`<input type="hidden" name="grant" value="${grant.grant}">`)}
${buttonRow(button({ kind: 'danger', text: words.confirm }), linkButton({ kind: 'quiet', text: words.back, href: '/me' }))}</form>`
}`;
  return mePage(view, title, body);
}

function previewOf(view: View, { grant, institution, words: said, from, open }: RevokePreview): Html {
  const { revoke: words, none } = wordsOf(view).me;
  const or = (each: (typeof said)['closes']) => (each === null ? none : say(view, each));
  return section(
    `${say(view, institution)} · ${say(view, ACTION_TEXTS[grant.action])}`,
    html`${sheet(
      factList([
        [words.stops, say(view, said.stops)],
        [words.closes, or(said.closes)],
        [words.before, or(said.before)],
        [words.stays, say(view, said.stays)],
        [words.instead, or(said.instead)],
        [words.open, String(open)],
      ]),
    )}${from === 'general' ? notice(view, { kind: 'info', title: words.general }) : ''}`,
  );
}
