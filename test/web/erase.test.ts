/** The page on which a person erases what is its own: what it tells before, what it takes, and the certificate. */
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import type { PersonSession } from '#service/sessions.ts';
import { PUBLIC_PROBLEMS } from '../../src/api/problem.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { answerFailures } from '../../src/web/failure-page.ts';
import { addMePages } from '../../src/web/me/pages.ts';
import { ALL_DUE, DECISIONS_DUE, type ErasureScene, openErasureScene } from '../support/erasure-scene.ts';
import { signIn } from '../support/sessions.ts';

const ORIGIN = 'http://localhost:8787';
let scene: ErasureScene;
let session: PersonSession;
beforeEach(async () => {
  scene = await openErasureScene();
});
afterEach(() => scene.close());

async function at(time: string): Promise<void> {
  scene.setTime(time);
  ({ session } = await signIn(scene.fixture.context, scene.person, scene.handle));
}

async function ask(init: RequestInit = {}, query = '') {
  const { context } = scene.fixture;
  const pages = new Hono();
  pages.onError(answerFailures(context, PUBLIC_PROBLEMS));
  addMePages(pages, context, { origin: undefined, personOf: async () => session });
  const response = await pages.request(`${ORIGIN}/me/erase${query}`, init);
  return { status: response.status, text: await response.text() };
}

const post = (fields: Readonly<Record<string, string>>) =>
  ask({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams(fields),
  });
const onceIn = (text: string) => /name="once" value="([^"]+)"/.exec(text)?.[1] ?? '';

describe('/me/erase', () => {
  it('says what has to be kept, until when and by which article, and offers nothing that is not due', async () => {
    await at('2021-01-01T10:00:00');
    const { status, text } = await ask();
    expect(status).toBe(200);
    expect(text).toContain('现在没有可以删除的信息');
    expect(text).toContain('个人信息保护法 56');
    expect(text).toMatch(/2022年5月2日/);
    expect(text).not.toContain('action="/me/erase"');
    expect((await post({ once: 'a'.repeat(22), sure: 'yes' })).status).toBe(409);
  });

  it('erases what is due once that is confirmed, and leaves the rest', async () => {
    await at(DECISIONS_DUE);
    const { text } = await ask();
    const once = onceIn(text);
    const size = await scene.door.size();
    expect((await post({ once })).status).toBe(400);
    expect(await scene.door.size()).toBe(size);
    const erased = await post({ once, sure: 'yes' });
    expect([erased.status, erased.text]).toEqual([200, expect.stringContaining('删除证明')]);
    expect(erased.text).toContain('决定、使用与告知的记录');
    // Sent twice it is answered as before.
    expect((await post({ once, sure: 'yes' })).text).toContain(`第 ${size} 条`);
    expect(await scene.door.size()).toBe(size + 1);
  });

  it('gives certificates that anyone can verify, when nothing of the person is left', async () => {
    await at(ALL_DUE);
    const { text } = await post({ once: onceIn((await ask()).text), sure: 'yes' });
    expect(text).toContain('通行密钥不再有效');
    const paths = [...text.matchAll(/href="(\/v1\/erasure-receipts\/[^"]+)" download="([^"]+)"/g)];
    expect(paths.map(([, , name]) => name)).toEqual(['erasure-1.json', 'erasure-keys.json']);
    // Each has a page, which goes on when nobody can sign in any more.
    for (const [, of = ''] of paths)
      expect(text).toContain(`href="${of.replace('/v1/erasure-receipts/', '/erasures/')}"`);
    const erasures = await Promise.all(
      paths.map(async ([, path = '']) => {
        const file = utf8((await scene.door.get(path)).text);
        expect((await verifyReceipt(file.slice(0, -2), scene.fixture.vkey, nativeEd25519)).recorded).toBe('invalid');
        return (await verifyReceipt(file, scene.fixture.vkey, nativeEd25519)).erasure;
      }),
    );
    expect(erasures.map((each) => each?.classes.map((one) => one.class))).toEqual([['decisions', 'letters'], ['keys']]);
    expect(text).toContain(String(erasures[0]?.index));
    expect(text).not.toContain(scene.person.idNumber);
  });
});
