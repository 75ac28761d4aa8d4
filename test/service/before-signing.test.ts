/** What a person answers before it signs, by the shipped law: by the letter's link, or relayed; and how it says no. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STOPPED_MS } from '#core/consent/before-signing.ts';
import { relationshipIn } from '#core/consent/relationship.ts';
import type { Terms } from '#core/consent/terms.ts';
import type { Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { relationshipStream } from '#core/tlog/stream.ts';
import { openKeys, sealPayload } from '#ledger/vault.ts';
import { nameLink } from '#service/call.ts';
import { letterCapability, letterReceiptCapability } from '#service/capabilities.ts';
import { readFeed } from '#service/feed.ts';
import { answerByLink, declineByLink, notMeByLink, viewByLink } from '#service/letter-link.ts';
import { openLetterByLink } from '#service/letter-page.ts';
import { relayAnswers } from '#service/letter-questions.ts';
import { readLetter } from '#service/letter-view.ts';
import { type DraftedLetter, type DraftLetter, draftLetter } from '#service/letters.ts';
import { publishPack } from '#service/packs.ts';
import { viewOf } from '#service/view.ts';
import { loadHead } from '#store/head.ts';
import { loadStreams } from '#store/streams.ts';
import { readShipped } from '../../src/cli/packs/publish.ts';
import {
  ask,
  bindPersonKey,
  calledBy,
  calledByKeeper,
  DAY_MS,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  request,
  sign,
  twoClauses,
} from '../support/actors.ts';
import { answeredWith, CLEAR_ANSWERS } from '../support/answers.ts';
import { auditAfter, resealPart } from '../support/attack.ts';
import { reader, readingPerson } from '../support/callers.ts';
import { expectRefusal } from '../support/failure.ts';
import { hold } from '../support/holds.ts';
import { checkLedger, type Fixture, openFixture } from '../support/ledger-fixture.ts';
import { SLOTS } from '../support/slots.ts';

const RETURN_TO = 'https://lender.example/applications/17?step=3';
const EMPLOYER = '在册单位：示例贸易有限公司，自1888年3月起，补缴12个月';

let fixture: Fixture;
let lender: Party;
let bureau: Party;
let banks: readonly Party[];
let identifier: Party;
let person: Person;
let handle: Handle;
let drafted: DraftedLetter;
let link: string;

async function openScene(): Promise<void> {
  // Pages read by the database's clock.
  fixture = await openFixture('postgres', { time: Date.now() });
  const { context } = fixture;
  for (const pack of readShipped()) {
    await publishPack(context, await calledByKeeper(context, '/v1/packs', { pack }), pack);
  }
  lender = await newParty(context, 'grantee', '示例消费金融有限公司');
  bureau = await newParty(context, 'bureau', '金融信用信息基础数据库');
  banks = [
    await newParty(context, 'grantee', '示例银行甲股份有限公司'),
    await newParty(context, 'grantee', '示例银行乙股份有限公司'),
  ];
  identifier = await newParty(context, 'identifier');
}

async function enrolAndDraft(): Promise<void> {
  person = await newPerson();
  handle = await enrolPerson(fixture.context, lender, person);
  await bindPersonKey(fixture.context, { lender, person, handle, identifier });
  drafted = await draft();
  link = letterCapability(fixture.context, drafted.letter);
}

async function draft(change: Partial<DraftLetter> = {}): Promise<DraftedLetter> {
  const { context } = fixture;
  const now = context.clock();
  const [query, report] = twoClauses(bureau, now) as [Omit<Terms, 'grant'>, Omit<Terms, 'grant'>];
  const body = {
    principal: lender.party,
    handle,
    template: { pack: 'huabei' as never, id: 'huabei_letter', version: 1 },
    slots: SLOTS,
    text: null,
    warnings: [],
    expires_at: (now + 20 * DAY_MS) as Instant,
    grants: [query, { ...report, candidates: banks.map(({ party }) => party) }],
    confirm: [{ id: 'employer', zh: EMPLOYER, en: null, by: bureau.party }],
    owed: '¥50,000',
    return_to: RETURN_TO,
    ...change,
  };
  return draftLetter(context, await calledBy(context, lender.party, '/v1/letters', body), body);
}
const now = () => fixture.context.clock();
const given = (answers: readonly { question: string; answer: string }[] = CLEAR_ANSWERS) => ({
  answers,
  confirmed: ['employer'],
});
const STOP = given(answeredWith('who_uses', '别人用'));
const answer = (answers = given(), key?: string) => answerByLink(fixture.context, request(key), link, answers);
const signs = () => sign(fixture.context, drafted, person, [true, true]);
const page = () => openLetterByLink(fixture.context, link, true);
const size = async () => (await fixture.store.read(loadHead))?.size;
async function relationship() {
  const stream = relationshipStream(handle);
  return relationshipIn(viewOf(await fixture.store.read((tx) => loadStreams(tx, [stream]))), stream);
}
async function heardBy(party: Party): Promise<readonly string[]> {
  const caller = await reader(fixture.context, party);
  const { items } = await readFeed(fixture.context, caller, { after: drafted.entry.index, limit: 100 });
  return items.map(({ type }) => type);
}

describe('before signing', () => {
  beforeAll(openScene, 120_000);
  beforeEach(enrolAndDraft);
  // The audit judges the answers again, and derives anew who was to hear.
  afterEach(() => checkLedger(fixture));
  afterAll(() => fixture.close());

  describe('a letter’s page', () => {
    it('shows who asks for what, why, from where and for how long, what is asked before, and the exact text', async () => {
      const shown = await page();
      expect(shown).toMatchObject({
        letter: drafted.letter,
        status: 'drafted',
        text: drafted.text,
        translation: drafted.translation,
        statement: drafted.statement,
        asking: { name: { zh: '示例消费金融有限公司' }, licence: { zh: '消费金融公司金融许可证（示例）' } },
        subject: '李示例',
        masked: false,
        asked: { owed: '¥50,000' },
        return_to: RETURN_TO,
        facts: [{ id: 'employer', zh: EMPLOYER, of: { party: bureau.party, name: { zh: '金融信用信息基础数据库' } } }],
      });
      expect(shown.told.map(({ kind }) => kind)).toEqual(['adverse_report', 'debt', 'scam']);
      expect(shown.asked.questions.map(({ id }) => id)).toEqual(CLEAR_ANSWERS.map(({ question }) => question));
      const [query, report] = shown.clauses;
      expect(query).toMatchObject({
        grant: { status: 'requested', action: 'QUERY' },
        sources: [{ party: bureau.party, name: { zh: '金融信用信息基础数据库' } }],
        clause: { id: 'query', key: true, necessity: 'necessary' },
      });
      expect(query?.items.every(({ id, name }) => name.zh !== id)).toBe(true);
      expect(query?.purposes.every(({ id, name }) => name.zh !== id)).toBe(true);
      expect(query?.clause?.revoking?.closes?.zh).toContain('花呗关闭');
      expect(report?.candidates.map(({ name }) => name.zh)).toEqual([
        '示例银行甲股份有限公司',
        '示例银行乙股份有限公司',
      ]);
      expect(shown.words?.slots.withdrawal?.zh).toContain('随时逐项撤回');
    });

    it('masks whom it is about to who holds the link alone, and gives no salt to guess it by', async () => {
      const [shown, whole] = [await openLetterByLink(fixture.context, link, false), await page()];
      expect(shown).toMatchObject({ masked: true, subject: '李＊＊', text_salt: null });
      const said = JSON.stringify(shown);
      expect(['李示例', '张示例', person.idNumber].filter((personal) => said.includes(personal))).toEqual([]);
      expect(whole.text_salt).toMatch(/./);
      expect(shown.text).toBe(whole.text?.replaceAll('李示例', '李＊＊'));
    });

    it('records that it is looked at by the link, before it is, whether it waits or is answered', async () => {
      const before = (await size()) ?? 0;
      const viewed = () => viewByLink(fixture.context, request(), link);
      expect(await viewed()).toMatchObject({ type: 'identity.viewed', index: before });
      const again = request();
      await viewByLink(fixture.context, again, link);
      await viewByLink(fixture.context, again, link);
      expect(await size()).toBe(before + 2);
      await answer();
      await signs();
      expect(await viewed()).toMatchObject({ type: 'identity.viewed' });
      const other = letterReceiptCapability(fixture.context, drafted.letter);
      await expectRefusal('letter_unknown', viewByLink(fixture.context, request(), other));
    });

    it('opens by its own link only: another letter’s, a receipt’s, or an id opens and declines nothing', async () => {
      const other = await draft();
      expect(
        (await openLetterByLink(fixture.context, letterCapability(fixture.context, other.letter), false)).letter,
      ).toBe(other.letter);
      const before = await size();
      const crossed = `${letterCapability(fixture.context, other.letter).slice(0, 21)}${link.slice(21)}`;
      for (const wrong of [letterReceiptCapability(fixture.context, drafted.letter), drafted.letter, '', crossed]) {
        await expectRefusal('letter_unknown', openLetterByLink(fixture.context, wrong, false));
        await expectRefusal('letter_unknown', declineByLink(fixture.context, request(), wrong));
        await expectRefusal('letter_unknown', notMeByLink(fixture.context, request(), wrong));
        await expectRefusal('letter_unknown', answerByLink(fixture.context, request(), wrong, given()));
      }
      expect(await size()).toBe(before);
      await declineByLink(fixture.context, request(), letterCapability(fixture.context, other.letter));
      expect((await page()).status).toBe('drafted');
    });

    it('is linked to who drafted it, while it waits, and to nobody else', async () => {
      expect(drafted.sign_path).toBe(`/sign/${link}`);
      const asLender = await readLetter(fixture.context, await reader(fixture.context, lender), drafted.letter);
      expect(asLender.sign_path).toBe(`/sign/${link}`);
      const asPerson = await readLetter(
        fixture.context,
        await readingPerson(fixture.context, handle, person),
        drafted.letter,
      );
      expect(asPerson.sign_path).toBeNull();
      await declineByLink(fixture.context, request(), link);
      const after = await readLetter(fixture.context, await reader(fixture.context, lender), drafted.letter);
      expect([after.status, after.sign_path]).toEqual(['declined', null]);
    });
  });

  describe('answers', () => {
    it('come before the signature, and are sealed: no entry says more than that they are clear', async () => {
      await expectRefusal('teach_back_missing', signs());
      const answered = await answer();
      expect(answered).toMatchObject({ outcome: 'clear', held_until: null, entry: { type: 'letter.answered' } });
      expect((await page()).status).toBe('clear');
      await signs();
      expect((await page()).status).toBe('signed');
      expect(await heardBy(lender)).toEqual(['letter.answered', 'letter.signed']);
    });

    it('that stop hold the letter for a day; then it is answered anew, and signed', async () => {
      const { held_until } = await answer(STOP);
      expect(held_until).toBe(now() + STOPPED_MS);
      expect(await page()).toMatchObject({ status: 'held', asked: { held_until } });
      await expectRefusal('letter_held', answer());
      await expectRefusal('letter_held', signs());
      fixture.setTime((held_until as number) - 1);
      await expectRefusal('letter_held', signs());
      fixture.setTime(held_until as number);
      await expectRefusal('teach_back_missing', signs());
      await answer();
      await signs();
    });

    it('are one for each form that is sent, and to every question', async () => {
      const first = await answer(given(), 'a form');
      const before = await size();
      expect(await answer(given(), 'a form')).toEqual(first);
      expect(await size()).toBe(before);
      await expectRefusal('input_invalid', answer(given(CLEAR_ANSWERS.slice(1))));
      await expectRefusal('input_invalid', answer({ answers: CLEAR_ANSWERS, confirmed: [] }));
    });

    it('are relayed by who drafted the letter, and by nobody else', async () => {
      const relay = async (party: Party) => {
        const body = { principal: party.party, ...given() };
        const caller = await calledBy(fixture.context, party.party, `/v1/letters/${drafted.letter}/answers`, body);
        return relayAnswers(fixture.context, caller, { letter: drafted.letter, ...body });
      };
      await expectRefusal('letter_unknown', relay(banks[0] as Party));
      expect(await relay(lender)).toMatchObject({ outcome: 'clear' });
      await signs();
    });

    it('that were changed, as facts that were, the audit finds', async () => {
      const { entry } = await answer();
      const changed = await auditAfter(fixture, (tx) =>
        resealPart(tx, fixture, entry.index, 'answers', ({ salt }) => ({ salt, value: STOP as never })),
      );
      expect(changed.findings.map(({ index }) => index)).toContain(entry.index);
      const facts = await auditAfter(fixture, (tx) =>
        resealPart(tx, fixture, drafted.entry.index, 'confirm', ({ salt }) => ({ salt, value: [] })),
      );
      expect(facts.findings.map(({ index }) => index)).toContain(drafted.entry.index);
    });
  });

  describe('who holds the link', () => {
    it('declines: the letter is closed, the lender hears, and does not ask again for days', async () => {
      const { entry, frozen } = await declineByLink(fixture.context, request(), link);
      expect([entry.type, frozen]).toEqual(['letter.declined', false]);
      expect(await heardBy(lender)).toEqual(['letter.declined']);
      expect(await heardBy(bureau)).toEqual([]);
      await expectRefusal('letter_declined', signs());
      await expectRefusal('quiet_period', draft());
      expect((await relationship())?.frozen).toBeNull();
    });

    it('says that it is of somebody else: this one relationship is frozen, and lender and source hear', async () => {
      const other = await enrolPerson(fixture.context, banks[0] as Party, person);
      const first = await notMeByLink(fixture.context, request('once'), link);
      expect(first.frozen).toBe(true);
      expect(await notMeByLink(fixture.context, request('once'), link)).toEqual(first);
      expect(await relationship()).toMatchObject({ frozen: { grade: 'D', by: 'link' }, declined: [drafted.letter] });
      expect(await heardBy(lender)).toEqual(['relationship.frozen', 'letter.declined']);
      expect(await heardBy(bureau)).toEqual(['relationship.frozen', 'letter.declined']);
      const stream = relationshipStream(other);
      const elsewhere = relationshipIn(viewOf(await fixture.store.read((tx) => loadStreams(tx, [stream]))), stream);
      expect(elsewhere?.frozen).toBeNull();
    });

    it('freezes what stands, too, until the person itself ends that', async () => {
      await answer();
      const { given: grants } = await signs();
      const standing = drafted;
      drafted = await draft();
      await notMeByLink(fixture.context, request(), letterCapability(fixture.context, drafted.letter));
      const query = {
        ...{ principal: lender.party, handle, ground: { grant: grants[0] as never }, action: 'QUERY' as const },
        ...{ purpose: 'loan_apply', items: ['credit_report'], door: bureau.party, bound: null },
      };
      expect((await ask(fixture.context, query)).codes).toContain('FROZEN');
      fixture.setTime(now() + 60_000);
      await hold(fixture.context, lender, person, { handle, kind: 'release' });
      expect((await relationship())?.frozen).toBeNull();
      expect((await ask(fixture.context, query)).codes).not.toContain('FROZEN');
      expect(standing.letter).not.toBe(drafted.letter);
    });

    it('is not undone by a key that nobody but a link vouches for', async () => {
      person = await newPerson();
      handle = await enrolPerson(fixture.context, lender, person);
      await bindPersonKey(fixture.context, { lender, person, handle });
      drafted = await draft();
      await notMeByLink(fixture.context, request(), letterCapability(fixture.context, drafted.letter));
      fixture.setTime(now() + 60_000);
      await expectRefusal('grade_low', hold(fixture.context, lender, person, { handle, kind: 'release' }));
      expect((await relationship())?.frozen).not.toBeNull();
    });

    it('does not keep the person from freezing everything as itself', async () => {
      await notMeByLink(fixture.context, request(), link);
      fixture.setTime(now() + 60_000);
      await hold(fixture.context, lender, person, { handle, kind: 'freeze' });
      expect((await relationship())?.frozen).toMatchObject({ grade: 'B' });
      fixture.setTime(now() + 60_000);
      await hold(fixture.context, lender, person, { handle, kind: 'release' });
      expect((await relationship())?.frozen).toBeNull();
    });

    it('is told once what was said: a letter that is signed, declined or expired is not', async () => {
      await answer();
      await signs();
      await expectRefusal('already_signed', declineByLink(fixture.context, request(), link));
      await expectRefusal('already_signed', notMeByLink(fixture.context, request(), link));
      drafted = await draft();
      link = letterCapability(fixture.context, drafted.letter);
      fixture.setTime(now() + 20 * DAY_MS);
      await expectRefusal('letter_expired', declineByLink(fixture.context, request(), link));
      await expectRefusal('letter_expired', answer());
    });
  });
});

describe('a server that lies', () => {
  beforeAll(openScene, 120_000);
  afterAll(() => fixture.close());

  it('of what was answered is found by the audit', async () => {
    await enrolAndDraft();
    const { context } = fixture;
    // By the server itself: what it writes is signed and chained as all else is.
    const stream = relationshipStream(handle);
    const names = nameLink(context, request(), drafted.letter);
    const keys = await fixture.store.readOnce((tx) => openKeys(context.vault, tx, stream));
    const payload = await sealPayload(context.vault, keys, 'letter.answered', { answers: STOP as never });
    const input = { letter: drafted.letter, principal: null, outcome: 'clear', ...names.call(0) } as const;
    const [lied] = await context.ledger.submit({
      claims: [names.claim],
      touches: [stream],
      plan: () => [{ command: { type: 'letter.answered', stream, input }, payload }],
    });
    const { findings } = await fixture.audit();
    expect(findings).toEqual([
      { code: 'payload', index: lied?.index, message: 'its answers are clear, or stop, where it says otherwise' },
    ]);
  });
});
