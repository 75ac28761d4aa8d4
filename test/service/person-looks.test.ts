/** Who looked, as the person reads it: allowed, denied and failed, by window and page; and what law defers, only once it is told. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Failure } from '#core/failure.ts';
import type { AccessId, GrantId } from '#core/ids.ts';
import { askAccess } from '#service/accesses.ts';
import { letterCapability, letterReceiptCapability, receiptCapability } from '#service/capabilities.ts';
import { explain } from '#service/explanations.ts';
import { declineByLink } from '#service/letter-link.ts';
import { type Look, readAllLooks, readLooks } from '#service/person/looks.ts';
import { looksCsv } from '#service/person/looks-csv.ts';
import { accessReceipt } from '#service/receipts.ts';
import { letterReceiptByCapability, receiptByCapability } from '#service/receipts-by-capability.ts';
import { readEntries } from '#service/relationships.ts';
import { readAccess } from '#service/releases.ts';
import { calledBy, DAY_MS, request, revoke } from '../support/actors.ts';
import { otherSalt } from '../support/attack.ts';
import { reader } from '../support/callers.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, UPPER_DATABASES } from '../support/ledger-fixture.ts';
import { JUDICIAL, NAMES, openPersonScene, type PersonScene } from '../support/person-scene.ts';
import { present, settleAs } from '../support/releases.ts';

const NOW = Date.now();
const ago = (days: number) => NOW - days * DAY_MS;

describe.each(UPPER_DATABASES)('who looked on %s', (database) => {
  let scene: PersonScene;
  const all = async (window: '1m' | '2y' = '2y'): Promise<readonly Look[]> =>
    (await readAllLooks(scene.context, scene.me, window)).looks;
  const one = async (access: string): Promise<Look | undefined> => (await all()).find((each) => each.access === access);

  beforeAll(async () => {
    scene = await openPersonScene(ago(760), database, inject('postgresUrl'));
    await scene.look(scene.a);
    scene.setTime(ago(400));
    await scene.look(scene.a);
    scene.setTime(ago(200));
    await scene.tell(scene.a.party, scene.a.handle, '/facilities', { from: day(ago(210)), last: null, years: 3 });
  });
  afterAll(async () => {
    await checkLedger(scene.fixture);
    await scene.fixture.close();
  });

  it('says who, why, by which reason and letter, and what was handed over', async () => {
    scene.setTime(ago(20));
    const { access } = await scene.look(scene.a, { purpose: 'post_loan' });
    const look = await one(access);
    expect(look).toMatchObject({
      time: ago(20),
      told_at: ago(20),
      institution: { zh: NAMES.bankA, en: 'Example Bank A Co., Ltd.' },
      processor: null,
      action: 'QUERY',
      purpose: { zh: '贷后管理' },
      class: 'post_loan',
      reason: { code: '01', name: { zh: '贷后管理' } },
      items: [{ code: 'credit_report' }],
      door: { zh: NAMES.bureau },
      ground: { kind: 'letter', grant: scene.a.query, letter: scene.a.letter.letter },
      covered: true,
      result: { kind: 'released', count: 1 },
    });
    expect(look?.operators).toHaveLength(1);
    expect(look?.receipt).toMatch(/^\/receipts\/[\w-]{43}$/);
  });

  it('shows the denied with their codes, and marks red what no letter covers', async () => {
    scene.setTime(ago(19));
    const marketing = await scene.ask(scene.b, { purpose: 'review' });
    const never = await scene.ask(scene.b, { ground: { grant: '0'.repeat(32) as GrantId } });
    const twice = [await scene.ask(scene.b), await scene.ask(scene.b)] as const;
    expect(await one(marketing.access)).toMatchObject({
      covered: false,
      class: 'approval',
      result: { kind: 'denied', codes: expect.arrayContaining(['PURPOSE']) },
      ground: { kind: 'letter', letter: scene.b.letter.letter },
    });
    expect(await one(never.access)).toMatchObject({ covered: false, ground: { kind: 'letter', letter: null } });
    // It was asked for twice: the letter covers that all the same.
    expect(await one(twice[1].access)).toMatchObject({ covered: true, result: { kind: 'denied', codes: ['DUP'] } });
    expect(await one(twice[0].access)).toMatchObject({ result: { kind: 'lapsed' } });
  });

  it('says of a purpose that no pack describes that it is none, with its code', async () => {
    scene.setTime(ago(19));
    const { access, decision } = await scene.ask(scene.b, { purpose: 'no_such_purpose' });
    expect(decision).toBe('deny');
    expect(await one(access)).toMatchObject({
      class: 'other',
      purpose: {
        zh: '没有规则包说明的用途（代码 no_such_purpose）',
        en: 'a purpose that no pack describes (code no_such_purpose)',
      },
    });
  });

  it('shows what failed, was refused, found nothing, or was turned away at the door', async () => {
    const results: [string, string][] = [];
    for (const [hours, result] of [
      [1, 'failed'],
      [2, 'nothing_found'],
      [3, 'refused'],
    ] as const) {
      scene.setTime(ago(18) + hours * 3_600_000);
      const asked = await scene.ask(scene.a);
      await present(scene.context, scene.bureau, asked);
      await settleAs(scene.context, scene.bureau, asked.access, result);
      results.push([(await one(asked.access))?.result.kind ?? '', result]);
    }
    for (const [shown, wanted] of results) expect(shown).toBe(wanted);
    scene.setTime(ago(17));
    const asked = await scene.ask(scene.b);
    await revoke(scene.context, scene.b.party, scene.person, scene.b.query);
    await present(scene.context, scene.bureau, asked);
    expect((await one(asked.access))?.result).toEqual({ kind: 'turned_away', codes: ['REVOKED'] });
    const taken = await scene.ask(scene.a, { items: ['credit_info'] });
    await present(scene.context, scene.bureau, taken);
    expect((await one(taken.access))?.result).toEqual({ kind: 'unsettled' });
  });

  /** What each door that knows the subject answers of an access: the code it refuses with, or whether it names it. */
  async function doors(access: AccessId): Promise<Readonly<Record<string, string | boolean>>> {
    const { context, me } = scene;
    const { handle } = scene.a;
    const request = { idempotencyKey: '', method: 'GET', path: '', query: '', contentDigest: '', signed: null };
    const caller = { kind: 'subject' as const, request, handle, ...me };
    const said = async (read: Promise<unknown>) => {
      try {
        return JSON.stringify(await read).includes(access);
      } catch (failure) {
        return (failure as Failure).code;
      }
    };
    return {
      entries: await said(readEntries(context, caller, { handle, from: 0 })),
      access: await said(readAccess(context, caller, access)),
      explanation: await said(explain(context, caller, access).then((found) => ({ access, found }))),
      receipt: await said(accessReceipt(context, caller, access)),
      // Whoever holds its path may be its subject.
      path: await said(receiptByCapability(context, receiptCapability(context, access))),
    };
  }

  it('V21 shows a judicial access only from when the person is told of it; a denied one at once', async () => {
    scene.setTime(ago(16));
    const before = await readLooks(scene.context, scene.me, { window: '1m', after: null });
    const body = scene.query(scene.a, JUDICIAL);
    const hidden = await askAccess(
      scene.context,
      await calledBy(scene.context, body.principal, '/v1/accesses', body),
      body,
    );
    expect([hidden.decision, hidden.law?.obligations]).toEqual(['allow', [{ name: 'notice_due', due: null }]]);
    await present(scene.context, scene.bureau, hidden);
    await settleAs(scene.context, scene.bureau, hidden.access, 'released', { items: ['credit_info'] });
    const after = await readLooks(scene.context, scene.me, { window: '1m', after: null });
    expect(after).toMatchObject({ counts: before.counts, next: before.next });
    expect(JSON.stringify(await all())).not.toContain(hidden.access);
    expect(looksCsv({ looks: await all(), views: [], complete: true }, 'zh')).not.toContain(hidden.access);
    const unknown = 'access_unknown';
    expect(await doors(hidden.access)).toEqual({
      entries: false,
      access: unknown,
      explanation: unknown,
      receipt: unknown,
      path: unknown,
    });
    const lender = await reader(scene.context, scene.a.party);
    expect((await readAccess(scene.context, lender, hidden.access)).settlement?.result).toBe('released');
    const denied = await scene.ask(scene.a, { ...JUDICIAL, stated: { ...JUDICIAL.stated, officers: 1 } });
    expect(await one(denied.access)).toMatchObject({
      covered: false,
      ground: { kind: 'law', basis: 'judicial', document: true },
    });
    const told = async (kind: string, items: readonly string[], sent_at: number) =>
      scene.tell(scene.a.party, scene.a.handle, '/notices', {
        kind,
        channel: 'mail',
        items,
        sent_at,
        content: otherSalt(),
        delivery: otherSalt(),
      });
    scene.setTime(ago(15));
    await told('other', ['credit_info'], ago(15));
    await told('deferred_access', ['credit_report'], ago(15));
    expect(await one(hidden.access)).toBeUndefined();
    // A later receipt would show the earlier access with it.
    expect(await doors(denied.access)).toMatchObject({ receipt: 'not_told', path: 'not_told' });
    const { letter } = scene.a.letter;
    const ofLetter = () => letterReceiptByCapability(scene.context, letterReceiptCapability(scene.context, letter));
    // The letter was signed before: its receipt shows nothing of it.
    expect(await ofLetter()).not.toContain(hidden.access);
    const declined = await scene.draft(scene.a.party, scene.a.handle);
    await declineByLink(scene.context, request(), letterCapability(scene.context, declined.letter));
    const later = letterReceiptByCapability(scene.context, letterReceiptCapability(scene.context, declined.letter));
    await expectRefusal('not_told', later);
    scene.setTime(ago(10));
    await told('deferred_access', ['credit_info'], ago(10));
    expect(await one(hidden.access)).toMatchObject({ time: ago(16), told_at: ago(10), covered: true, class: 'other' });
    const shown = { entries: true, access: true, explanation: true, receipt: true, path: true };
    expect([await doors(hidden.access), await doors(denied.access)]).toEqual([shown, shown]);
  });

  it('0.32 counts approvals and post-loan looks apart, within a month and within two years', async () => {
    const month = await readLooks(scene.context, scene.me, { window: '1m', after: null });
    const years = await readLooks(scene.context, scene.me, { window: '2y', after: null });
    expect(month.counts).toMatchObject({ post_loan: 1, other: 1, sent: 0 });
    expect(years.counts.approval).toBe(month.counts.approval + 1);
    expect(month.looks.every(({ time }) => time >= ago(31))).toBe(true);
    // The one of 760 days ago is in neither.
    expect(years.looks.map(({ time }) => time)).not.toContain(ago(760));
    expect(years.complete).toBe(true);
  });

  it('has nothing of one person for another', async () => {
    const theirs = await readAllLooks(scene.context, scene.them, '2y');
    expect(theirs.looks).toEqual([]);
    expect(theirs.counts).toEqual({ approval: 0, post_loan: 0, other: 0, sent: 0, denied: 0 });
    await scene.look(
      { ...scene.a, handle: scene.otherHandle },
      { ground: { basis: 'statutory_duty', reference: null }, purpose: 'self_query' },
    );
    expect((await readAllLooks(scene.context, scene.them, '2y')).looks).toHaveLength(1);
  });

  it('reads the newest first, page by page, each once', async () => {
    scene.setTime(ago(5));
    for (let at = 0; at < 120; at++) await scene.ask(scene.a, { purpose: 'review' });
    const pages: Look[][] = [];
    for (let after: number | null = null; ; ) {
      const page = await readLooks(scene.context, scene.me, { window: '2y', after });
      pages.push([...page.looks]);
      if (page.next === null) break;
      after = page.next;
    }
    expect(pages.map(({ length }) => length).slice(0, 2)).toEqual([50, 50]);
    expect(pages.flat()).toEqual(await all());
    const places = pages.flat().map(({ index }) => index);
    expect(places).toEqual([...new Set(places)].sort((a, b) => b - a));
  });
});

describe('the file of looks', () => {
  const look: Look = {
    access: '0199b1f0c400777788889999aaaabbbb' as Look['access'],
    index: 7,
    stream: 'rel/x' as Look['stream'],
    grantee: 'x' as Look['grantee'],
    time: Date.UTC(2026, 0, 1, 16),
    used_at: null,
    told_at: Date.UTC(2026, 0, 1, 16),
    institution: { zh: '=HYPERLINK("http://x.example","甲")', en: '  +1' },
    processor: { zh: '乙, "丙"\n丁', en: '@x' },
    operators: [],
    action: 'QUERY',
    purpose: { zh: '-1', en: '\t=1' },
    class: 'approval',
    reason: { code: '02', name: null },
    items: [{ code: 'a', name: { zh: '䶮', en: 'a' } }],
    door: null,
    ground: { kind: 'law', basis: 'judicial', document: true },
    covered: false,
    result: { kind: 'denied', codes: ['PURPOSE', 'REVOKED'] },
    receipt: '/receipts/x',
  };

  it('is CSV by RFC 4180 in UTF-8 with its mark, and holds no formula', () => {
    const text = looksCsv({ looks: [look], views: [], complete: true }, 'zh');
    expect(text.startsWith('\ufeff时间（北京时间）,机构,')).toBe(true);
    expect(text.endsWith('\r\n')).toBe(true);
    const row = text.slice(text.indexOf('\r\n') + 2);
    expect(
      row.startsWith(
        `2026-01-02 00:00:00,"'=HYPERLINK(""http://x.example"",""甲"")","乙, ""丙""\n丁",,查询,"'-1",审批类,02,`,
      ),
    ).toBe(true);
    expect(row).toContain('䶮');
    expect(row).toContain('用途不是您所同意的; 您已撤回该授权,PURPOSE REVOKED');
    const english = looksCsv({ looks: [look], views: [], complete: true }, 'en').split('\r\n')[1];
    expect(english).toContain(`"'  +1","'@x"`);
    expect(english).toContain(`"'\t=1"`);
    expect(looksCsv({ looks: [], views: [], complete: true }, 'zh').split('\r\n')).toHaveLength(2);
    // Whoever counts the lines learns that these are not all.
    expect(looksCsv({ looks: [], views: [], complete: false }, 'zh').split('\r\n')[1]).toContain('更早的没有列在这里');
  });
});

function day(moment: number): string {
  return new Date(moment + 8 * 3_600_000).toISOString().slice(0, 10);
}
