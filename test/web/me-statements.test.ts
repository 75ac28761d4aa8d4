/** What a person ends and signs on its own pages, with a passkey, as a browser does: a freeze, a pause, an extension. */
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { statementSigningBytes } from '#core/consent/statement.ts';
import type { Terms } from '#core/consent/terms.ts';
import type { GrantId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { readGrant } from '#service/grants.ts';
import { draftHold } from '#service/holds.ts';
import { readAuthorizations } from '#service/person/authorizations.ts';
import { mintChallenge, openSession, type PersonSession } from '#service/sessions.ts';
import { PUBLIC_PROBLEMS } from '../../src/api/problem.ts';
import { answerFailures } from '../../src/web/failure-page.ts';
import { addMePages } from '../../src/web/me/pages.ts';
import { calledBy, DAY_MS } from '../support/actors.ts';
import { newPasskey, type Passkey } from '../support/authenticator.ts';
import { reader } from '../support/callers.ts';
import { checkLedger } from '../support/ledger-fixture.ts';
import { NAMES, openPersonScene, type PersonScene } from '../support/person-scene.ts';
import { answeredBy, bindPasskeyOf, signIn } from '../support/sessions.ts';

const SITE = 'http://localhost:8787';
let scene: PersonScene;
let passkey: Passkey;
let theirs: Passkey;
let sessions: Record<'me' | 'them', PersonSession>;

beforeAll(async () => {
  scene = await openPersonScene(Date.now() - 3_600_000);
  const { context, identifier, a, person, other, otherHandle } = scene;
  [passkey, theirs] = [newPasskey('localhost', 'ES256', SITE), newPasskey('localhost', 'ES256', SITE)];
  await bindPasskeyOf(context, { lender: a.party, identifier, handle: a.handle, person }, passkey);
  await bindPasskeyOf(context, { lender: a.party, identifier, handle: otherHandle, person: other }, theirs);
  sessions = {
    me: (await openSession(context, answeredBy(mintChallenge(context), passkey))).session,
    them: (await signIn(context, other, otherHandle)).session,
  };
});
afterAll(async () => {
  await checkLedger(scene.fixture);
  await scene.fixture.close();
});

async function ask(path: string, who: 'me' | 'them' = 'me', fields?: Record<string, string>, site = 'same-origin') {
  const pages = new Hono();
  pages.onError(answerFailures(scene.context, PUBLIC_PROBLEMS));
  addMePages(pages, scene.context, { origin: undefined, personOf: async () => sessions[who] });
  const headers = { 'sec-fetch-site': site, 'content-type': 'application/x-www-form-urlencoded' };
  const init = fields === undefined ? {} : { method: 'POST', headers, body: new URLSearchParams(fields) };
  const response = await pages.request(`${SITE}${path}`, init);
  const header = (name: string) => response.headers.get(name) ?? '';
  const [to, policy] = [header('location'), header('content-security-policy')];
  return { status: response.status, to, policy, text: await response.text() };
}

/** The hidden field that names the form to a path, as the page has it. */
async function pressed(page: string, action: string) {
  const { text } = await ask(page);
  const form = new RegExp(`<form method="post" action="${action}".*?name="once" value="([^"]+)"`, 's').exec(text);
  if (form === null) throw new Error(`no form to ${action} on ${page}: ${text}`);
  return ask(action, 'me', { once: form[1] as string });
}

/** What the script does with the page of a statement (src/web/scripts/passkey.ts). */
async function sign(path: string, by = passkey, who: 'me' | 'them' = 'me') {
  const { text } = await ask(path);
  const plain = (/data-statement="([^"]+)"/.exec(text)?.[1] ?? '').replaceAll('&quot;', '"');
  const signedAt = scene.context.clock();
  const statement: JsonObject = { ...(JSON.parse(plain) as JsonObject), signed_at: signedAt };
  const signature = by.sign(statementSigningBytes(statement));
  const once = /name="once" value="([^"]+)"/.exec(text)?.[1] ?? '';
  return ask(path, who, { once, credential: by.credential, signature, signed_at: String(signedAt) });
}

const later = () => scene.setTime(scene.context.clock() + 60_000);
const frozenAt = async () => (await readAuthorizations(scene.context, scene.me)).frozen_at;
const status = async (grant: GrantId) =>
  (await readGrant(scene.context, await reader(scene.context, scene.a.party), grant)).status;

describe('a freeze', () => {
  it('is lifted where the panic button was: shown before what counts again, and by the signature alone', async () => {
    expect((await pressed('/me/freeze', '/me/freeze')).to).toBe('/me/freeze');
    expect((await ask('/me/freeze')).text).toContain('查看并解除冻结');
    expect((await ask('/me')).text).toContain('href="/me/freeze">怎样解除冻结');
    later();
    const asked = await pressed('/me/freeze', '/me/release');
    expect(asked.status).toBe(303);
    expect(await frozenAt()).not.toBeNull();
    const page = await ask(asked.to);
    for (const said of [NAMES.bankA, NAMES.bankB, '有人叫您这么做吗', '会恢复', '解除冻结'])
      expect(page.text).toContain(said);
    expect(page.policy).toContain("script-src 'self'");
    // Until the script is there that signs it, it can't be sent.
    expect(page.text).toMatch(/data-sign="statement"(?:(?!<\/form>).)*<button[^>]* disabled/s);
    const done = await sign(asked.to);
    expect([done.status, done.to]).toEqual([303, '/me']);
    expect(await frozenAt()).toBeNull();
    expect((await ask(asked.to)).status).toBe(404);
  });

  it('is lifted by nobody else, from nowhere else, and not where there is none', async () => {
    const once = 'A'.repeat(22);
    expect((await ask('/me/release', 'me', { once }, 'cross-site')).status).toBe(403);
    expect((await ask('/me/release', 'me', { once })).text).toContain('hold_mismatch');
    await pressed('/me/freeze', '/me/freeze');
    later();
    const { to } = await pressed('/me/freeze', '/me/release');
    expect((await ask(to, 'them')).status).toBe(404);
    expect((await sign(to, passkey, 'them')).status).toBe(404);
    const refused = await sign(to, theirs);
    expect([refused.status, refused.text.includes('subject_key_unknown')]).toEqual([422, true]);
    expect(refused.text).toContain('这不是您的通行密钥');
    expect(await frozenAt()).not.toBeNull();
    expect((await sign(to)).status).toBe(303);
    expect(await frozenAt()).toBeNull();
  });
});

describe('a grant', () => {
  it('is paused at one press, and goes on only once that is signed', async () => {
    const { query } = scene.a;
    later();
    await pressed(`/me/grants/${query}`, `/me/grants/${query}/pause`);
    expect(await status(query)).toBe('paused');
    later();
    const { to } = await pressed(`/me/grants/${query}`, `/me/grants/${query}/resume`);
    expect(await status(query)).toBe('paused');
    expect((await ask('/me')).text).toContain(`href="${to}"`);
    const done = await sign(to);
    expect([done.status, done.to]).toEqual([303, `/me/grants/${query}`]);
    expect(await status(query)).toBe('active');
    expect((await ask(`/me/grants/${query}/resume`, 'them', { once: 'B'.repeat(22) })).status).toBe(404);
  });

  it('is extended where its institution asks for that: both terms are shown, and it is signed like any other', async () => {
    const { context, a } = scene;
    const old = a.letter.grants.find(({ grant }) => grant === a.query) as Terms;
    later();
    const { grant: _own, ...terms } = { ...old, from: old.to, to: (old.to + DAY_MS) as Instant };
    const body = {
      handle: a.handle,
      kind: 'extend' as const,
      grant: a.query,
      terms,
      expires_at: (context.clock() + DAY_MS) as Instant,
    };
    const drafted = await draftHold(context, await calledBy(context, a.party.party, '/v1/statements', body), body);
    const path = `/me/statements/${drafted.ref}`;
    expect((await ask('/me')).text).toContain(`href="${path}"`);
    const { text } = await ask(path);
    for (const said of ['延长一项授权', '之后的期限', NAMES.bankA]) expect(text).toContain(said);
    expect((await sign(path)).status).toBe(303);
    const grants = (await readAuthorizations(context, scene.me)).institutions.flatMap(({ letters }) =>
      letters.flatMap((each) => each.grants),
    );
    expect(grants.find(({ grant }) => grant === drafted.makes)?.to).toBe(terms.to);
  });
});
