/**
 * A synthetic identity provider: it plays, with made-up people, the part of a real one in the pages' interface
 * (docs/adr/0018). It takes a form of the ledger's, asks who it is, and signs that with its party's key, over the identity
 * that it has itself: what the ledger knows of anyone, it never learns.
 *
 * @module
 */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { csrf } from 'hono/csrf';
import { HTTPException } from 'hono/http-exception';
import { toBase64Url } from '#core/bytes.ts';
import { bindingSigningBytes, bindingStatement, digestIdentity } from '#core/consent/statement.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { parseHashText } from '#core/hash.ts';
import type { PartyId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { type Asked, type AskingLedger, readAsked } from './asked.ts';
import { type Answer, choosePage, confirmedPage, idlePage, refusedPage } from './pages.ts';
import type { MadeUpPerson } from './people.ts';
import { STYLE } from './style.ts';

export interface ProviderOptions {
  /** Registered with the role `identifier`. */
  readonly party: PartyId;
  /** Its key, of the duty `query`. */
  readonly key: SigningKey;
  readonly people: readonly MadeUpPerson[];
  readonly ledger: AskingLedger;
  readonly clock: () => number;
  /** Told what broke; nothing of it is personal. */
  readonly onTrouble: (thrown: unknown) => void;
}

const FORM_BYTES_MAX = 64 * 1_024;

/** Opens it. A ledger's page posts its form to `/identify`. */
export function openIdentityProvider(options: ProviderOptions): {
  readonly fetch: (request: Request) => Response | Promise<Response>;
} {
  const { people, ledger, onTrouble } = options;
  const app = new Hono();
  app.onError((thrown, call) => {
    const { status, code } = refusalOf(thrown);
    if (status === 500) onTrouble(thrown);
    return call.html(refusedPage(languageOf(call.req.header('accept-language')), code), status, headersTo());
  });
  app.notFound((call) =>
    call.html(refusedPage(languageOf(call.req.header('accept-language')), 'not_found'), 404, headersTo()),
  );
  app.get('/', (call) => call.html(idlePage(languageOf(call.req.header('accept-language'))), 200, headersTo()));
  app.get('/style.css', (call) => call.body(STYLE, 200, { ...headersTo(), 'content-type': 'text/css; charset=utf-8' }));
  app.post('/identify', limit(), async (call) => {
    const asked = readAsked(await readFields(call.req.raw), ledger);
    const lang = asked.lang ?? languageOf(call.req.header('accept-language'));
    return call.html(choosePage({ ...asked, lang }, people), 200, headersTo());
  });
  // Only our own page asks who it is: another's could say it in the person's place.
  app.post('/confirm', limit(), csrf(), async (call) => {
    const asked = readAsked(await readFields(call.req.raw), ledger);
    const person = /^\d+$/.test(asked.person ?? '') ? people[Number(asked.person)] : undefined;
    if (person === undefined) throw new Failure('input_invalid', 'want one of the people');
    const answer = await identify(options, asked, person);
    return call.html(confirmedPage(asked, person, answer), 200, headersTo(asked.return_to));
  });
  return { fetch: (request) => app.fetch(request) };
}

/** Signs that it was this person who asked, just now, for a key to be its own. */
async function identify({ party, key, clock }: ProviderOptions, asked: Asked, person: MadeUpPerson): Promise<Answer> {
  const identifiedAt = clock();
  const statement = bindingStatement({
    log: asked.log,
    handle: asked.handle,
    key: asked.key,
    identity: digestIdentity(parseHashText(asked.salt), person),
    method: 'identity_provider',
    identifiedBy: party,
    identifiedAt,
  });
  const signature = await key.sign(bindingSigningBytes(statement));
  return { state: asked.state, identified_at: String(identifiedAt), identification: toBase64Url(signature) };
}

function limit() {
  return bodyLimit({
    maxSize: FORM_BYTES_MAX,
    onError() {
      throw new Failure('too_large', `a form has ${FORM_BYTES_MAX} bytes at most`);
    },
  });
}

async function readFields(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded(?:;|$)/i.test(type)) {
    throw new Failure('media_type', 'want content-type: application/x-www-form-urlencoded');
  }
  return new URLSearchParams(await request.text());
}

/** @param returnTo Where a form of the page goes, besides to us. */
function headersTo(returnTo?: string): Record<string, string> {
  const actions = ["'self'", ...(returnTo === undefined ? [] : [new URL(returnTo).origin])].join(' ');
  return {
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action ${actions}; frame-ancestors 'none'`,
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  };
}

/** By the first language that a browser asks for; Chinese, where that is neither. */
function languageOf(asked = ''): 'zh-CN' | 'en' {
  return /^\s*en\b/i.test(asked) ? 'en' : 'zh-CN';
}

type Refusal = { readonly status: 400 | 403 | 413 | 415 | 500; readonly code: string };

function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof HTTPException && thrown.status === 403) return { status: 403, code: 'cross_site' };
  if (!isFailure(thrown)) return { status: 500, code: 'internal' };
  return { status: STATUS_OF[thrown.code] ?? 400, code: thrown.code };
}

const STATUS_OF: Readonly<Record<string, 413 | 415>> = { too_large: 413, media_type: 415 };
