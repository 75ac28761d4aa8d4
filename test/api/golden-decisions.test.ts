/** The golden decisions of domain/law.md 2.13, by their numbers, each on a fresh ledger, over HTTP, and audited afterwards. */
import { createHash, randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { GrantId } from '#core/ids.ts';
import { enrolPerson, newParty } from '../support/actors.ts';
import { at, type Court, type CourtOptions, openCourt } from '../support/court.ts';
import { adminsOf, signersOf } from './door.ts';

/** Today, unless the table says otherwise. */
const TODAY = '2024-06-01T10:00:00';
const BEFORE = '2024-05-01T10:00:00';

let court: Court;
afterEach(async () => {
  // Every decision is decided again, by the same packs, and nothing else is amiss.
  await court.close();
});

async function openAt(time: string, options: Partial<CourtOptions> = {}): Promise<Court> {
  court = await openCourt({ time, ...options });
  return court;
}

/** A letter given a month before today, of one query clause unless said otherwise. */
async function given(clause = {}, options = {}): Promise<GrantId> {
  const [grant] = await court.give([clause], options);
  court.setTime(TODAY);
  return grant as GrantId;
}

const denied = (...codes: string[]) => ({ decision: 'deny', codes });
const allowed = { decision: 'allow', codes: [] };

describe('a query under a letter', () => {
  it('V01 is allowed for its reason, and its outcome is owed within 30 days', async () => {
    await openAt(BEFORE);
    const grant = await given();
    const { law, permit, ...access } = await court.ask({ ground: { grant }, stated: { reason: '02' } });
    expect(access).toMatchObject(allowed);
    expect(permit).not.toBeNull();
    expect(law).toMatchObject({
      basis: 'written_consent',
      reason: '02',
      marks: [],
      // The thirtieth day, 2024-07-01, is a Monday: it is late when that day is over.
      obligations: [{ name: 'feedback_due', due: at('2024-07-02T00:00:00') }],
      packs: { 'calendar-cn': 1, 'cn-credit': 1, pboc: 1 },
    });
  });

  it('V02 that is recorded late, of a time before the letter was signed, is NOT_YET', async () => {
    await openAt(TODAY);
    const [grant] = await court.give([{}]);
    court.setTime('2024-06-01T10:30:00');
    const late = { ground: { grant }, stated: { used_at: at('2024-06-01T09:50:00') } };
    expect(await court.ask(late)).toMatchObject({ ...denied('NOT_YET'), permit: null });
    const inTime = { ground: { grant }, stated: { used_at: at('2024-06-01T10:10:00') } };
    expect(await court.ask(inTime)).toMatchObject({ ...allowed, permit: null, until: null });
  });

  it('V03 is PURPOSE with a reason that its purpose is not mapped on', async () => {
    await openAt(BEFORE);
    const grant = await given();
    expect(await court.ask({ ground: { grant }, stated: { reason: '19' } })).toMatchObject(denied('PURPOSE'));
  });

  it('V04 is PURPOSE where only guarantor was ticked and the reason is that of a loan', async () => {
    await openAt(BEFORE);
    const grant = await given({ purposes: ['guarantor'] });
    expect(await court.ask({ ground: { grant }, stated: { reason: '02' } })).toMatchObject(denied('PURPOSE'));
    const twisted = { ground: { grant }, purpose: 'guarantor', stated: { reason: '02' } };
    expect(await court.ask(twisted)).toMatchObject(denied('PURPOSE'));
    expect(await court.ask({ ...twisted, stated: { reason: '08' } })).toMatchObject(allowed);
  });

  it('V05, V06 after the loan is allowed to the last second of the facility, a Sunday, and no second longer', async () => {
    await openAt('2020-07-09T10:00:00');
    const [grant] = await court.give([{ purposes: ['post_loan'] }]);
    const postLoan = { ground: { grant }, purpose: 'post_loan', stated: { reason: '01' } };
    expect(await court.ask(postLoan)).toMatchObject(denied('NOFACILITY'));
    await court.tell('/facilities', { from: '2020-07-09', last: null, years: 3 });
    court.setTime('2023-07-09T23:59:59');
    expect(await court.ask(postLoan)).toMatchObject(allowed);
    court.setTime('2023-07-10T00:00:00');
    // Of another item: the permit from a second ago is still out.
    expect(await court.ask({ ...postLoan, items: ['credit_info'] })).toMatchObject(denied('NOFACILITY'));
  });

  it('after a loan of July 2020, repaid in November, is allowed month by month while the line lives, to July 2023', async () => {
    await openAt('2020-07-09T10:00:00');
    const [grant] = await court.give([{ purposes: ['post_loan'] }]);
    // Repaid is not closed: nothing is told of the repayment, and nothing changes by it (domain/law.md 2.11).
    await court.tell('/facilities', { from: '2020-07-09', last: null, years: 3 });
    const months = Array.from({ length: 44 }, (_, n) => {
      const month = 7 + n;
      return `${2020 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
    });
    const decided: [string, string][] = [];
    for (const month of months) {
      court.setTime(`${month}-09T10:00:00`);
      const { decision, codes } = await court.ask({
        ground: { grant },
        purpose: 'post_loan',
        stated: { reason: '01' },
      });
      decided.push([month, codes.join() || decision]);
    }
    expect(months.at(-1)).toBe('2024-03');
    expect(decided).toEqual(months.map((month) => [month, month <= '2023-07' ? 'allow' : 'NOFACILITY']));
  });

  it('V07 is REVOKED after a revocation of the same millisecond, and EXPIRED at the very instant of the end', async () => {
    await openAt(BEFORE);
    const [one, other] = await court.give([{}, { to: at(TODAY) }]);
    court.setTime('2024-05-20T10:00:00');
    await court.revoke(one as GrantId);
    expect(await court.ask({ ground: { grant: one } })).toMatchObject(denied('REVOKED'));
    court.setTime(TODAY);
    expect(await court.ask({ ground: { grant: other } })).toMatchObject(denied('EXPIRED'));
  });

  it('V18 under the scan of a letter signed in ink, grade C, is EVIDENCE where an online product wants B', async () => {
    await openAt(BEFORE);
    const [ink] = await court.giveInInk([{}]);
    const key = await given();
    const both = [ink, key].map((grant) => ({ ground: { grant } }));
    // Whoever asks at a counter needs no better.
    for (const asked of both) expect(await court.ask(asked)).toMatchObject(allowed);
    await court.keeper('/v1/profiles/grade-b', { on: true });
    const [scanned, signed] = both.map((asked) => ({ ...asked, items: ['credit_info'] }));
    const { law, permit, ...access } = await court.ask(scanned as object);
    expect(access).toMatchObject(denied('EVIDENCE'));
    expect(law.rules).toContain('ES-13-online');
    expect(permit).toBeNull();
    expect(await court.ask(signed as object)).toMatchObject(allowed);
    await court.keeper('/v1/profiles/grade-b', { on: false });
    expect(await court.ask(scanned as object)).toMatchObject(allowed);
  });

  it('V18 of a report is the same; and a permit that is out is not handed over once the profile is on', async () => {
    await openAt(BEFORE);
    const report = { action: 'REPORT', purposes: ['credit_reporting'], items: ['repayment'] } as const;
    const [query, reporting] = await court.giveInInk([{}, report]);
    const { access, permit } = await court.ask({ ground: { grant: query } });
    await court.keeper('/v1/profiles/grade-b', { on: true });
    const asked = { ...report, purpose: 'credit_reporting', ground: { grant: reporting }, purposes: undefined };
    expect(await court.ask(asked)).toMatchObject(denied('EVIDENCE'));
    const told = { permit: createHash('sha256').update(permit).digest('base64url') };
    const { json } = await court.door.as(signersOf(court.bureau)).post(`/v1/accesses/${access}/redemption`, told);
    expect(json).toMatchObject({ codes: ['EVIDENCE'] });
  });

  it('V19 of an administrator is OPERATOR', async () => {
    await openAt(BEFORE);
    const grant = await given();
    const administrators = court.door.as(adminsOf(court.lender));
    const answer = await administrators.post('/v1/accesses', court.access({ ground: { grant } }));
    expect(answer.json).toMatchObject(denied('OPERATOR'));
  });

  it('V20 by a processor in its own name is PARTY, and by its mandate allowed', async () => {
    await openAt(BEFORE);
    const grant = await given();
    const processor = await newParty(court.fixture.context, 'processor');
    expect(await court.ask({ ground: { grant } }, processor)).toMatchObject(denied('PARTY'));
    const mandate = { principal: court.lender.party, from: at(BEFORE), to: null, covers: ['access'] };
    const mandated = await court.door
      .as(adminsOf(court.lender))
      .post(`/v1/parties/${processor.party}/mandates`, mandate);
    expect(mandated.status).toBe(201);
    const answer = await court.door.as(signersOf(processor)).post('/v1/accesses', court.access({ ground: { grant } }));
    expect(answer.json).toMatchObject(allowed);
  });

  it('V23 about a person of 17 with an income of its own is CAPACITY, marked for review', async () => {
    await openAt(BEFORE, { isAdult: false });
    await court.tell('/attestations/subject', { band: '16_17', own_income: true, guardian: false });
    const grant = await given();
    const { law, ...access } = await court.ask({ ground: { grant } });
    expect(access).toMatchObject(denied('CAPACITY'));
    expect(law.marks).toEqual(['review']);
  });

  it('V25 tells all that is wrong at once', async () => {
    await openAt(BEFORE);
    const grant = await given({ to: at('2024-05-31T00:00:00') });
    await court.freeze();
    expect(await court.ask({ ground: { grant }, stated: { reason: '19' } })).toMatchObject(
      denied('EXPIRED', 'FROZEN', 'PURPOSE'),
    );
  });

  it('V26 asked twice under one key is one entry', async () => {
    await openAt(BEFORE);
    const grant = await given();
    const key = { 'idempotency-key': randomUUID() };
    const asked = court.access({ ground: { grant } });
    const lender = court.door.as(signersOf(court.lender));
    const once = await lender.post('/v1/accesses', asked, key);
    const size = await court.door.size();
    const again = await lender.post('/v1/accesses', asked, key);
    expect([again.text, await court.door.size()]).toEqual([once.text, size]);
  });

  it('V28 by a successor is PARTY until the succession is registered', async () => {
    await openAt(BEFORE);
    const grant = await given();
    const successor = await newParty(court.fixture.context, 'grantee');
    await court.keeper(`/v1/parties/${successor.party}/licences`, { kind: 'bank', from: at(BEFORE), to: null });
    expect(await court.ask({ ground: { grant } }, successor)).toMatchObject(denied('PARTY'));
    await court.keeper(`/v1/parties/${successor.party}/successions`, { predecessor: court.lender.party });
    expect(await court.ask({ ground: { grant } }, successor)).toMatchObject(allowed);
  });

  it('V29 of a clock three hours ahead is decided by the ledger’s, and marked', async () => {
    await openAt(BEFORE);
    const grant = await given();
    const { law, entry, ...access } = await court.ask({
      ground: { grant },
      stated: { asked_at: at(TODAY) + 3 * 3_600_000 },
    });
    expect(access).toMatchObject(allowed);
    expect([entry.time, law.marks]).toEqual([at(TODAY), ['skew']]);
  });

  it('V30 at a source that is suspended is SOURCE', async () => {
    await openAt(BEFORE);
    const grant = await given();
    await court.keeper(`/v1/parties/${court.bureau.party}/suspension`, {});
    expect(await court.ask({ ground: { grant } })).toMatchObject(denied('SOURCE'));
  });

  it('V30 at a source that suspended itself is SOURCE, until it lifts that itself', async () => {
    await openAt(BEFORE);
    const grant = await given();
    const own = `/v1/parties/${court.bureau.party}`;
    const bureau = court.door.as(adminsOf(court.bureau));
    const since = { from: at(BEFORE), to: null, compromised_since: at(BEFORE) };
    expect((await bureau.post(`${own}/self-suspension`, since)).status).toBe(201);
    expect(await court.ask({ ground: { grant } })).toMatchObject(denied('SOURCE'));
    expect((await bureau.get(own)).json).toMatchObject({ self_suspended: { to: null } });
    await court.keeper(`${own}/reinstatement`, {}).catch(() => undefined);
    expect(await court.ask({ ground: { grant } })).toMatchObject(denied('SOURCE'));
    expect((await bureau.post(`${own}/self-reinstatement`, {})).status).toBe(201);
    expect(await court.ask({ ground: { grant } })).toMatchObject(allowed);
  });
});

describe('a report', () => {
  const report = { action: 'REPORT', purpose: 'credit_reporting' } as const;
  const clause = {
    action: 'REPORT',
    purposes: ['credit_reporting'],
    items: ['basic', 'repayment', 'adverse'],
  } as const;

  it('V08 after withdrawal stands on the duty to report only with the profile on and the subject told', async () => {
    await openAt(BEFORE);
    const grant = await given(clause);
    await court.tell('/facilities', { from: '2024-05-01', last: null, years: 3 });
    await court.revoke(grant);
    const byGrant = { ...report, ground: { grant }, items: ['repayment'] };
    const byDuty = { ...byGrant, ground: { basis: 'statutory_duty', reference: 'EX-18-1' } };
    expect(await court.ask(byGrant)).toMatchObject(denied('REVOKED'));
    expect(await court.ask(byDuty)).toMatchObject(denied('REVOKED'));
    await court.keeper('/v1/profiles/R-15c', { on: true });
    expect(await court.ask(byDuty)).toMatchObject(denied('REVOKED'));
    await court.notice('reporting_continues', ['repayment']);
    court.setTime('2024-06-01T10:00:01');
    const { law, ...access } = await court.ask(byDuty);
    expect(access).toMatchObject(allowed);
    expect(law.basis).toBe('statutory_duty');
    expect(await court.ask(byGrant)).toMatchObject(denied('REVOKED'));
  });

  it('V09 of an adverse item is NOTICE_MISSING where the notice is sent a second after', async () => {
    await openAt(BEFORE);
    const grant = await given(clause);
    await court.notice('adverse_report', ['adverse'], at('2024-06-01T10:00:01'));
    const asked = { ...report, ground: { grant }, items: ['adverse'] };
    expect(await court.ask(asked)).toMatchObject(denied('NOTICE_MISSING'));
    court.setTime('2024-06-01T10:00:02');
    expect(await court.ask(asked)).toMatchObject(allowed);
  });

  it('V10 of a published judgment stands on its being public by law', async () => {
    await openAt(BEFORE);
    await given();
    const ground = { basis: 'public_by_law', reference: 'EX-18-2' };
    const { law, ...access } = await court.ask({ ...report, ground, items: ['court_judgment'] });
    expect(access).toMatchObject(allowed);
    expect(law.basis).toBe('public_by_law');
    expect(await court.ask({ ...report, ground, items: ['repayment'] })).toMatchObject(denied('BASIS'));
  });

  it('V11 to a bureau that came later is RECIPIENT', async () => {
    await openAt(BEFORE);
    const grant = await given(clause);
    const later = await newParty(court.fixture.context, 'bureau');
    const asked = { ...report, ground: { grant }, items: ['repayment'], door: later.party };
    expect(await court.ask(asked)).toMatchObject(denied('RECIPIENT'));
  });
});

describe('an item', () => {
  it('V12 that nobody may collect is FORBIDDEN_KIND, whatever the letter says', async () => {
    await openAt(BEFORE);
    const grant = await given({ items: ['medical_history'] }, { warnings: ['adverse_consequence'] });
    expect(await court.ask({ ground: { grant }, items: ['medical_history'] })).toMatchObject(denied('FORBIDDEN_KIND'));
  });

  it('V13 of the six kinds is NEED_ADVERSE_WARNING where the letter gave no warning', async () => {
    await openAt(BEFORE);
    const without = await given({ items: ['tax_amount'] });
    expect(await court.ask({ ground: { grant: without }, items: ['tax_amount'] })).toMatchObject(
      denied('NEED_ADVERSE_WARNING'),
    );
    const [warned] = await court.give([{ items: ['tax_amount'] }], { warnings: ['adverse_consequence'] });
    expect(await court.ask({ ground: { grant: warned }, items: ['tax_amount'] })).toMatchObject(allowed);
  });

  it('V14 that ended five years ago is allowed on the last day, and EXPIRED after it, to be deleted', async () => {
    await openAt(BEFORE);
    const grant = await given({ items: ['adverse'], purposes: ['loan_apply', 'card_apply'] });
    await court.tell('/attestations/item', {
      item: 'adverse',
      ended_on: '2019-06-01',
      determined_on: null,
      region: null,
    });
    const asked = { ground: { grant }, items: ['adverse'] };
    court.setTime('2024-06-01T23:59:59');
    expect(await court.ask(asked)).toMatchObject(allowed);
    court.setTime('2024-06-02T00:00:00');
    const { law, ...access } = await court.ask({ ...asked, purpose: 'card_apply' });
    expect(access).toMatchObject(denied('EXPIRED'));
    expect(law.expired).toEqual(['adverse']);
    expect(law.obligations.map(({ name }: { name: string }) => name)).toContain('deletion_due');
  });

  it('V15 of Zhejiang counts from its determination where that profile is on, settled or not', async () => {
    await openAt(BEFORE);
    const grant = await given({ items: ['adverse'] });
    await court.tell('/attestations/item', {
      item: 'adverse',
      ended_on: null,
      determined_on: '2019-05-31',
      region: '33',
    });
    const asked = { ground: { grant }, items: ['adverse'] };
    expect(await court.ask(asked)).toMatchObject(allowed);
    await court.keeper('/v1/profiles/zhejiang', { on: true });
    court.setTime('2024-06-01T10:10:00');
    const { law, ...access } = await court.ask(asked);
    expect(access).toMatchObject(denied('EXPIRED'));
    expect(law.expired).toEqual(['adverse']);
  });
});

describe('a firm’s letter', () => {
  const firm = { purposes: ['firm_loan_apply'] };

  it('V16 says nothing of its legal representative as a person', async () => {
    await openAt(BEFORE, { subject: 'firm' });
    await court.tell('/attestations/signer', {
      kind: 'legal_representative',
      from: at('2020-01-01T00:00:00'),
      to: null,
    });
    const grant = await given(firm);
    expect(await court.ask({ ground: { grant }, purpose: 'firm_loan_apply' })).toMatchObject(allowed);
    // The representative, enrolled as a person, signed nothing.
    const handle = await enrolPerson(court.fixture.context, court.lender, await court.otherPerson());
    const asked = { handle, ground: { grant }, purpose: 'representative' };
    expect((await court.ask(asked)).codes).toContain('NOAUTH');
  });

  it('V17 whose signer’s power had expired the day before is CAPACITY', async () => {
    await openAt(BEFORE, { subject: 'firm' });
    await court.tell('/attestations/signer', {
      kind: 'attorney',
      from: at('2023-01-01T00:00:00'),
      to: at('2024-05-01T00:00:00'),
    });
    const grant = await given(firm);
    expect(await court.ask({ ground: { grant }, purpose: 'firm_loan_apply' })).toMatchObject(denied('CAPACITY'));
  });
});

describe('an access on another basis', () => {
  it('V21, V22 of a court needs its document and two officers, and then no letter; the subject is told later', async () => {
    await openAt(BEFORE);
    await given();
    const asked = { purpose: 'judicial', ground: { basis: 'judicial', reference: 'EX-18-3' } };
    const alone = { ...asked, stated: { officers: 1 } };
    expect(await court.ask(alone)).toMatchObject(denied('BASIS'));
    const { law, permit, ...access } = await court.ask({ ...asked, stated: { reason: '09', officers: 2 } });
    expect(access).toMatchObject(allowed);
    expect(permit).not.toBeNull();
    expect(law).toMatchObject({ basis: 'judicial', reason: '09', obligations: [{ name: 'notice_due', due: null }] });
    const undocumented = { ...asked, ground: { basis: 'judicial', reference: null }, stated: { officers: 2 } };
    expect(await court.ask(undocumented)).toMatchObject(denied('BASIS'));
  });

  it('V24 of one’s own data is never denied; the third of a year may be charged', async () => {
    await openAt('2024-03-01T10:00:00');
    const asked = {
      purpose: 'self_query',
      ground: { basis: 'statutory_duty', reference: null },
      items: ['credit_report'],
      door: court.bureau.party,
    };
    const marks: string[][] = [];
    for (const day of ['2024-03-02', '2024-05-02', '2024-06-01', '2025-01-02']) {
      court.setTime(`${day}T10:00:00`);
      const { decision, law } = await court.ask(asked);
      marks.push([decision, ...law.marks]);
    }
    expect(marks).toEqual([['allow'], ['allow'], ['allow', 'fee'], ['allow']]);
  });
});

describe('an objection', () => {
  it('V27 marks what is queried meanwhile, and is a finding from day 21 on', async () => {
    await openAt(BEFORE);
    const grant = await given();
    const { due } = await court.tell('/objections', { items: ['credit_report'] });
    expect(due).toBe(at('2024-06-22T00:00:00'));
    court.setTime('2024-06-03T10:00:00');
    const { law, ...access } = await court.ask({ ground: { grant } });
    expect(access).toMatchObject(allowed);
    expect(law.marks).toEqual(['DISPUTED']);
    expect((await court.fixture.audit()).conduct).toEqual([]);
    court.setTime('2024-06-22T10:00:00');
    await court.ask({ ground: { grant }, items: ['credit_info'] });
    const conduct = (await court.fixture.audit()).conduct;
    expect(conduct).toHaveLength(1);
  });

  it.each([
    ['2024-09-21T10:00:00', '2024-10-12T00:00:00'],
    // The twentieth day, 10-04, is in the holiday week: the next working day is 10-08.
    ['2024-09-14T10:00:00', '2024-10-09T00:00:00'],
  ])('V31 received at %s is late from %s on', async (received, late) => {
    await openAt(received);
    const { due } = await court.tell('/objections', { items: ['credit_report'] });
    expect(due).toBe(at(late));
  });
});
