/** A person's pages after the ledger lost entries (ADR 0028): what waits, why, and the passkey that confirms it. */
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { statementSigningBytes } from '#core/consent/statement.ts';
import type { GrantId } from '#core/ids.ts';
import { readGrant } from '#service/grants.ts';
import { mintChallenge, openSession, type PersonSession } from '#service/sessions.ts';
import { PUBLIC_PROBLEMS } from '../../src/api/problem.ts';
import { answerFailures } from '../../src/web/failure-page.ts';
import { addMePages } from '../../src/web/me/pages.ts';
import { newPasskey, type Passkey } from '../support/authenticator.ts';
import { reader } from '../support/callers.ts';
import { continueLog, continueParties } from '../support/epochs.ts';
import { openPersonScene, type PersonScene } from '../support/person-scene.ts';
import { answeredBy, bindPasskeyOf } from '../support/sessions.ts';

const SITE = 'http://localhost:8787';
const LOST_ZH = '账本丢失了这一天之后的记录。您可能已经撤回这项授权，我们无法得知；在您确认之前，任何人都不能使用它。';
const LOST_EN =
  'The ledger lost what was recorded after this day. You may have taken this authorization back since, and we can’t know; until you confirm it, nobody can use it.';
let scene: PersonScene;
/** One of before the log was continued, and one that an identifier bound since. */
let [old, fresh]: Passkey[] = [];
let session: PersonSession;

beforeAll(async () => {
  scene = await openPersonScene(Date.now() - 3_600_000);
  const { context, identifier, a, b, bureau, person } = scene;
  const by = { lender: a.party, identifier, handle: a.handle, person };
  [old, fresh] = [newPasskey('localhost', 'ES256', SITE), newPasskey('localhost', 'ES256', SITE)];
  await bindPasskeyOf(context, by, old);
  scene.setTime(context.clock() + 60_000);
  await continueLog(scene.fixture);
  await continueParties(scene, [identifier, bureau, a.party, b.party]);
  await bindPasskeyOf(context, by, fresh);
  session = (await openSession(context, answeredBy(mintChallenge(context), old))).session;
});
afterAll(() => scene.fixture.close());

async function ask(path: string, fields?: Record<string, string>) {
  const pages = new Hono();
  pages.onError(answerFailures(scene.context, PUBLIC_PROBLEMS));
  addMePages(pages, scene.context, { origin: undefined, personOf: async () => session });
  const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' };
  const init = fields === undefined ? {} : { method: 'POST', headers, body: new URLSearchParams(fields) };
  const response = await pages.request(`${SITE}${path}`, init);
  return { status: response.status, to: response.headers.get('location') ?? '', text: await response.text() };
}

async function pressed(page: string, action: string) {
  const { text } = await ask(page);
  const form = new RegExp(`<form method="post" action="${action}".*?name="once" value="([^"]+)"`, 's').exec(text);
  if (form === null) throw new Error(`no form to ${action} on ${page}: ${text}`);
  return ask(action, { once: form[1] as string });
}

/** What the script does with the page of a statement (src/web/scripts/passkey.ts). */
async function sign(path: string, by: Passkey) {
  const { text } = await ask(path);
  const plain = (/data-statement="([^"]+)"/.exec(text)?.[1] ?? '').replaceAll('&quot;', '"');
  const signedAt = scene.context.clock();
  const statement: JsonObject = { ...(JSON.parse(plain) as JsonObject), signed_at: signedAt };
  const signature = by.sign(statementSigningBytes(statement));
  const once = /name="once" value="([^"]+)"/.exec(text)?.[1] ?? '';
  return ask(path, { once, credential: by.credential, signature, signed_at: String(signedAt) });
}

const status = async (grant: GrantId) =>
  (await readGrant(scene.context, await reader(scene.context, scene.a.party), grant)).status;

describe('an authorization of before the ledger lost entries', () => {
  it('is shown as waiting, with why and the way to confirm it', async () => {
    expect((await ask('/me')).text).toContain('待您确认');
    const page = await ask(`/me/grants/${scene.a.query}`);
    for (const said of ['待您确认', LOST_ZH, '查看并确认']) expect(page.text).toContain(said);
    expect((await ask(`/me/grants/${scene.a.query}?lang=en`)).text).toContain(LOST_EN);
  });

  it('is confirmed by the signature alone, under all its terms in both languages and the day of before', async () => {
    const { query } = scene.a;
    const { to } = await pressed(`/me/grants/${query}`, `/me/grants/${query}/confirm`);
    expect(to).toMatch(/^\/me\/statements\//);
    const page = (await ask(to)).text;
    for (const said of [LOST_ZH, LOST_EN, '账本完整记得到', '确认一项授权仍然有效', '行为', 'What for']) {
      expect(page).toContain(said);
    }
    expect(await status(query)).toBe('suspended');
    const refused = await sign(to, old as Passkey);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('这把通行密钥需要重新核验');
    expect(await status(query)).toBe('suspended');
    const done = await sign(to, fresh as Passkey);
    expect([done.status, done.to]).toEqual([303, `/me/grants/${query}`]);
    expect(await status(query)).toBe('active');
    const after = (await ask(`/me/grants/${query}`)).text;
    expect(after).not.toContain(LOST_ZH);
    expect(await status(scene.a.report)).toBe('suspended');
  });

  it('is taken back and paused meanwhile, by the passkey of before', async () => {
    const { report } = scene.a;
    await pressed(`/me/grants/${report}`, `/me/grants/${report}/pause`);
    const { text } = await ask(`/me/grants/${report}/revoke`);
    const once = /name="once" value="([^"]+)"/.exec(text)?.[1] ?? '';
    expect((await ask(`/me/grants/${report}/revoke`, { once, grant: report })).status).toBe(303);
    expect(await status(report)).toBe('revoked');
    expect((await ask(`/me/grants/${report}`)).text).not.toContain(LOST_ZH);
  });

  it('is answered like any other’s where it is not the person’s, and where nothing waits', async () => {
    const once = 'A'.repeat(22);
    expect((await ask(`/me/grants/${'0'.repeat(32)}/confirm`, { once })).status).toBe(404);
    expect((await ask(`/me/grants/${scene.a.query}/confirm`, { once })).text).toContain('hold_mismatch');
  });
});
