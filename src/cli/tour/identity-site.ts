/**
 * The tour's identity provider: stands in for a real one, behind the same interface. It says who a person is by letting the
 * visitor choose, so what it signs is worth nothing outside of the tour.
 *
 * The form that it gets (service/identification.ts) names log, relationship, key and salt; it answers `return_to` with a form
 * of its own: when it identified the person, and its signature over the binding, for the identity that it has itself.
 *
 * @module
 */
import { type Context as Call, Hono } from 'hono';
import { html } from 'hono/html';
import { parseBase64Url, toBase64Url } from '#core/bytes.ts';
import { bindingSigningBytes, bindingStatement, digestIdentity } from '#core/consent/statement.ts';
import { isFailure } from '#core/failure.ts';
import { type Handle, type PartyId, parseId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { NAMES } from '../story-letter.ts';
import { type Html, TOUR_STYLE, tourHeaders, tourPage } from './page.ts';
import { PEOPLE } from './people.ts';

export interface IdentitySite {
  readonly party: PartyId;
  readonly key: SigningKey;
  /** Where the ledger's pages are: nobody is sent back elsewhere. */
  readonly ledgerUrl: string;
  readonly clock: () => number;
}

const ASKED = ['log', 'handle', 'key', 'salt', 'state', 'return_to'] as const;
type Asked = Readonly<Record<(typeof ASKED)[number], string>>;

const FIELD_CHARS_MAX = 16_384;

export function openIdentitySite(site: IdentitySite): Hono {
  const app = new Hono();
  app.get('/tour.css', (call) => call.body(TOUR_STYLE.text, 200, TOUR_STYLE.headers));
  app.get('/', (call) => show(call, nothingAsked()));
  app.post('/', async (call) => {
    const asked = readAsked(await call.req.parseBody(), site.ledgerUrl);
    return asked === undefined ? show(call, nothingAsked(), 400) : show(call, choose(asked));
  });
  app.post('/identify', async (call) => {
    const fields = await call.req.parseBody();
    const asked = readAsked(fields, site.ledgerUrl);
    const person = PEOPLE[Number(fields['person'])];
    if (asked === undefined || person === undefined) return show(call, nothingAsked(), 400);
    try {
      return show(call, back(asked, await identify(site, asked, person)));
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      return show(call, nothingAsked(), 400);
    }
  });

  function show(call: Call, body: Html, status: 200 | 400 = 200) {
    return call.html(tourPage(`${NAMES.identifier} · 演示`, body), status, tourHeaders([site.ledgerUrl]));
  }
  return app;
}

function readAsked(fields: Readonly<Record<string, unknown>>, ledgerUrl: string): Asked | undefined {
  const said = ASKED.map((name) => [name, fields[name]] as const);
  if (said.some(([, value]) => typeof value !== 'string' || value.length > FIELD_CHARS_MAX)) return undefined;
  const asked = Object.fromEntries(said) as unknown as Asked;
  return URL.canParse(asked.return_to) && new URL(asked.return_to).origin === new URL(ledgerUrl).origin
    ? asked
    : undefined;
}

async function identify(
  { party, key, clock }: IdentitySite,
  asked: Asked,
  person: (typeof PEOPLE)[number],
): Promise<{ readonly identified_at: number; readonly identification: string }> {
  const identified_at = clock();
  const binding = bindingStatement({
    log: asked.log,
    handle: parseId<Handle>(asked.handle),
    key: asked.key,
    identity: digestIdentity(parseBase64Url(asked.salt), person),
    method: 'identity_provider',
    identifiedBy: party,
    identifiedAt: identified_at,
  });
  return { identified_at, identification: toBase64Url(await key.sign(bindingSigningBytes(binding))) };
}

function nothingAsked(): Html {
  return html`<h1>${NAMES.identifier}</h1>
<p class="sheet">这里核验来自授权账本的人，请从授权书的页面过来。 <span lang="en">Come here from the page of a letter.</span></p>`;
}

function choose(asked: Asked): Html {
  return html`<h1>${NAMES.identifier}</h1>
<p>真正的认证机构会在这里核验证件和面容。演示里，请选择您扮演的人。<br>
<span class="soft" lang="en">A real provider would check papers and face here. In the tour, choose whom you play.</span></p>
<form class="sheet" method="post" action="/identify">
${ASKED.map((name) => html`<input type="hidden" name="${name}" value="${asked[name]}">`)}
${PEOPLE.map(({ name }, at) => html`<label><input type="radio" name="person" value="${at}" required> ${name}</label>`)}
<button>这是我本人 <span lang="en">This is me</span></button>
</form>`;
}

function back(
  { state, return_to }: Asked,
  said: { readonly identified_at: number; readonly identification: string },
): Html {
  return html`<h1>${NAMES.identifier}</h1>
<p class="sheet">已核验。 <span lang="en">You are identified.</span></p>
<form method="post" action="${return_to}">
<input type="hidden" name="state" value="${state}">
<input type="hidden" name="identified_at" value="${said.identified_at}">
<input type="hidden" name="identification" value="${said.identification}">
<button>回到授权账本 <span lang="en">Back to the ledger</span></button>
</form>`;
}
