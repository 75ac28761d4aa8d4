/** "My authorizations", and whether one is connected to a credit database. */
import { html } from 'hono/html';
import type { KeyLeft } from '#service/affirming.ts';
import type { Authorizations, Institution, LetterInWords } from '#service/person/authorizations.ts';
import type { Connected } from '#service/person/connected.ts';
import type { GrantInWords, Group } from '#service/person/grant-words.ts';
import { ACTION_TEXTS } from '#service/person/look-text.ts';
import type { StatementInWords } from '#service/person/statements.ts';
import type { Html } from '../html.ts';
import { buttonRow, linkButton } from '../parts/button.ts';
import { linkRows } from '../parts/link-row.ts';
import { records } from '../parts/records.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { emptyState } from '../parts/state.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { keyLeft } from './key-left.ts';
import { frozenNotice, grantBadge, mePage, say, sayAll, sayWhen } from './say.ts';
import { waitingStatements } from './statement.ts';

const GROUPS: readonly Group[] = ['active', 'suspended', 'contested', 'ended'];
/** What stands, and can be taken back. */
const STANDING: readonly Group[] = ['active', 'suspended'];

export function overviewPage(
  view: View,
  { frozen_at, institutions }: Authorizations,
  { waiting, left }: { readonly waiting: readonly StatementInWords[]; readonly left: KeyLeft | null },
): Html {
  const { overview } = wordsOf(view).me;
  const letters = institutions.flatMap((institution) => institution.letters.map((letter) => ({ institution, letter })));
  const given = letters.flatMap(({ institution, letter }) =>
    letter.grants.map((grant) => ({ institution, letter, grant })),
  );
  const body = html`${heading(overview.title, overview.lede)}
${frozenNotice(view, frozen_at)}
${keyLeft(view, left)}
${waitingStatements(view, waiting)}
${letters.length === 0 ? emptyState(view, { title: overview.empty, body: overview.emptyBody }) : ''}
${unsigned(view, overview.requested, letters, 'requested')}
${GROUPS.map((group) => {
  const found = given.filter(({ grant }) => grant.group === group);
  if (found.length === 0) return '';
  const why = group === 'suspended' ? html`<p>${overview.suspended}</p>` : '';
  return section(overview.groups[group], html`${why}${linkRows(found.map((each) => rowOf(view, each)))}`);
})}
${unsigned(view, overview.declined, letters, 'declined')}
${given.some(({ grant }) => STANDING.includes(grant.group)) ? buttonRow(linkButton({ kind: 'danger', text: overview.revokeAll, href: '/me/revoke-all' })) : ''}
<p class="unprinted"><a href="/me/erase">${wordsOf(view).erase.title}</a></p>`;
  return mePage(view, overview.title, body);
}

interface Given {
  readonly institution: Institution;
  readonly letter: LetterInWords;
}

function rowOf(view: View, { institution, letter, grant }: Given & { readonly grant: GrantInWords }) {
  const what = `${say(view, ACTION_TEXTS[grant.action])} · ${sayAll(view, grant.doors)}`;
  return {
    href: `/me/grants/${grant.grant}`,
    title: say(view, institution.name),
    note: `${what} · ${titleOf(view, letter)} · ${sayWhen(view, grant.signed_at)}`,
    badge: grantBadge(view, grant.status),
  };
}

function titleOf(view: View, { title }: Pick<LetterInWords, 'title'>): string {
  return title === null ? wordsOf(view).me.overview.ownText : say(view, title);
}

function unsigned(view: View, title: string, letters: readonly Given[], status: LetterInWords['status']): Html | '' {
  const found = letters.filter(({ letter }) => letter.status === status);
  if (found.length === 0) return '';
  const items = found.map(
    ({ letter }) =>
      html`<li>${say(view, letter.asked_by)} · ${titleOf(view, letter)} · ${sayWhen(view, letter.drafted_at)} · ${letter.asked.map((each) => say(view, ACTION_TEXTS[each.action])).join(' / ')}</li>`,
  );
  return section(title, sheet(html`<ul>${items}</ul>`));
}

export function connectedPage(view: View, databases: readonly Connected[]): Html {
  const { connected } = wordsOf(view).me;
  const body = html`${heading(connected.title, connected.lede)}
${databases.length === 0 ? emptyState(view, { title: connected.empty, body: connected.emptyBody }) : ''}
${databases.map(({ name, since, connections }) =>
  section(
    say(view, name),
    since === null
      ? sheet(html`<p><strong>${connected.no}</strong></p>`)
      : html`${sheet(html`<p><strong>${connected.yes} ${sayWhen(view, since)}</strong></p>`)}${records(view, {
          caption: say(view, name),
          columns: connected.columns,
          rows: connections.map((each) => ({
            cells: [
              say(view, each.institution),
              say(view, ACTION_TEXTS[each.action]),
              sayWhen(view, each.since),
              html`<a href="/me/grants/${each.grant}"><code>${each.letter}</code></a>`,
              grantBadge(view, each.status),
            ],
          })),
        })}`,
  ),
)}`;
  return mePage(view, connected.title, body);
}
