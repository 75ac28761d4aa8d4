/** The page of a receipt: what is recorded and what is not proven, for whoever has its path, and for nobody else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '#core/failure.ts';
import type { AccessId } from '#core/ids.ts';
import { receiptCapability } from '#service/capabilities.ts';
import { createPages } from '../../src/web/pages.ts';
import { signersOf } from '../api/door.ts';
import { type Court, openCourt } from '../support/court.ts';

let court: Court;
let allowed: AccessId;
let denied: AccessId;
beforeAll(async () => {
  court = await openCourt({ time: '2024-05-01T10:00:00' });
  const [grant] = await court.give([{}]);
  court.setTime('2024-06-01T10:00:00');
  allowed = (await court.ask({ ground: { grant } })).access;
  denied = (await court.ask({ ground: { grant }, purpose: 'guarantor', items: ['tax_amount'] })).access;
}, 60_000);
afterAll(() => court.close());

async function open(capability: string, context = court.fixture.context, query = '') {
  const pages = createPages(context, { document: { info: {}, components: { schemas: {} }, paths: {} }, problems: [] });
  const response = await pages.request(`http://127.0.0.1:8787/receipts/${capability}${query}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
}
const pathOf = (access: AccessId) => receiptCapability(court.fixture.context, access);

describe('the page of a receipt', () => {
  test('says in words who asked for what, why, when, and that it was allowed', async () => {
    const { status, text } = await open(pathOf(allowed));
    expect(status).toBe(200);
    for (const said of [
      '允许',
      '查询',
      '个人信贷申请',
      '2024年6月1日10时',
      '北京时间',
      '不证明',
      'npx assent verify',
    ]) {
      expect(text, said).toContain(said);
    }
    expect(text).toContain('2024-06-01T02:00:00.000Z');
    expect(text).toContain(`href="/v1/receipts/${pathOf(allowed)}"`);
    expect(text).not.toMatch(/undefined|\[object|NaN/);
  });

  test('says why it was denied, and what would have made it allow', async () => {
    const { text } = await open(pathOf(denied));
    for (const said of ['拒绝', '<code>PURPOSE</code>', '<code>SCOPE</code>', '若要允许']) {
      expect(text, said).toContain(said);
    }
    expect(text).not.toContain('账本允许了');
    const english = await open(pathOf(denied), court.fixture.context, '?lang=en');
    for (const said of ['denied', '<code>PURPOSE</code>', 'It would be allowed']) expect(english.text).toContain(said);
    expect(text.match(/<li><code>PURPOSE<\/code>/g)).toHaveLength(1);
  });

  test('of an access on another’s handle says that it was denied, and explains nothing of it', async () => {
    const foreign = court.access({ handle: `${'0'.repeat(31)}1`, ground: { grant: `${'0'.repeat(31)}2` } });
    const { json } = await court.door.as(signersOf(court.lender)).post('/v1/accesses', foreign);
    const { status, text } = await open(pathOf(json.access));
    expect(status).toBe(200);
    for (const said of ['拒绝', '<code>PARTY</code>', '由账本证明，未重新得出']) expect(text, said).toContain(said);
    expect(text).not.toContain('<h2>依据');
  });

  test('shows the check code that the file shows, and the link to it comes with the receipt', async () => {
    const caller = court.door.as(signersOf(court.lender));
    const receipt = await caller.get(`/v1/accesses/${allowed}/receipt`);
    const [, path = ''] =
      /^<([^>]+)>; rel="alternate"; type="text\/html"$/.exec(receipt.headers.get('link') ?? '') ?? [];
    expect(path).toBe(`/receipts/${pathOf(allowed)}`);
    const { text } = await open(pathOf(allowed));
    const { verifyReceipt } = await import('#client/index.ts');
    const { fixture } = court;
    const verdict = await verifyReceipt(new TextEncoder().encode(receipt.text), fixture.vkey, fixture.context.ed25519);
    expect(text).toContain(`<span class="code">${verdict.access?.check_code}</span>`);
  });

  test('names no person, has no script, and asks nobody else', async () => {
    for (const access of [allowed, denied]) {
      const { text, headers } = await open(pathOf(access));
      expect(text).not.toContain(court.person.idNumber);
      expect(text).not.toMatch(/张示例|<script|<img|<iframe|\son\w+=|\sstyle=|javascript:/i);
      for (const [, target] of text.matchAll(/(?:href|src)="([^"]*)"/g)) expect(target).toMatch(/^[/#](?!\/)/);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('same-origin');
    }
  });

  test('opens to no other path, and says nothing of it', async () => {
    const right = pathOf(allowed);
    const other = `${right.startsWith('A') ? 'B' : 'A'}${right.slice(1)}`;
    for (const path of [other, right.slice(0, -1), `${right}A`, allowed, 'zzz', '%3Cscript%3E', '__proto__']) {
      const { status, text } = await open(path);
      expect(status, path).toBe(404);
      expect(text).toContain('没有这一凭证');
      expect(text).not.toContain(path);
    }
  });

  test('says so where the database does not answer', async () => {
    const { context } = court.fixture;
    const refuse = () => Promise.reject(new Failure('store_unavailable', 'gone'));
    const store = { ...context.ledger.store, read: refuse, readOnce: refuse };
    const { status, text } = await open(pathOf(allowed), { ...context, ledger: { ...context.ledger, store } });
    expect([status, text]).toEqual([503, expect.stringContaining('暂时无法显示')]);
  });
});
