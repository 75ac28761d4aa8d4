/** Letters over HTTP, whose text the ledger makes: of the shipped packs of law and trade. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindsText } from '#client/index.ts';
import { subjectSignatory } from '#client/sign.ts';
import { parseUtf8 } from '#core/bytes.ts';
import type { Terms } from '#core/consent/terms.ts';
import type { Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { digestText } from '#core/tlog/payload.ts';
import { relationshipStream } from '#core/tlog/stream.ts';
import { openKeys, sealPayload } from '#ledger/vault.ts';
import { nameCall } from '#service/call.ts';
import type { DraftedLetter } from '#service/letters.ts';
import { loadEntries } from '#store/entries.ts';
import { foldersIn } from '../../src/cli/packs/lint.ts';
import { readInOrder } from '../../src/cli/packs/publish.ts';
import {
  bindPersonKey,
  calledBy,
  DAY_MS,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  signature,
  twoClauses,
} from '../support/actors.ts';
import { answeredWith, CLEAR_ANSWERS } from '../support/answers.ts';
import { addWitness, onPaper } from '../support/ink.ts';
import { random } from '../support/ledger-fixture.ts';
import { GRANTEE, SLOTS, SUBJECT } from '../support/slots.ts';
import { type Answer, type Door, expectProblem, openDoor, signersOf } from './door.ts';

const PACKS = readInOrder(foldersIn(fileURLToPath(new URL('../../packs', import.meta.url))));
const TEMPLATE = { pack: 'huabei', id: 'huabei_letter', version: 1 };
const both = (zh: string, en: string) => ({ zh, en });

let door: Door;
let lender: Party;
let bureau: Party;
/** By the names that the template calls its candidates. */
let banks: readonly Party[];
let identifier: Party;
let person: Person;
let handle: Handle;

async function openScene(): Promise<void> {
  door = await openDoor();
  const { context } = door.fixture;
  lender = await newParty(context, 'grantee', '示例消费金融有限公司');
  bureau = await newParty(context, 'bureau', '金融信用信息基础数据库');
  banks = [
    await newParty(context, 'grantee', '示例银行甲股份有限公司'),
    await newParty(context, 'grantee', '示例银行乙股份有限公司'),
  ];
  identifier = await newParty(context, 'identifier');
  person = await newPerson();
  handle = await enrolPerson(context, lender, person);
  await bindPersonKey(context, { lender, person, handle, identifier });
}

async function publishAll(): Promise<void> {
  for (const pack of PACKS) {
    const answer = await door.asKeeper().post('/v1/packs', { pack });
    expect([answer.status, answer.text]).toEqual([201, answer.text]);
  }
}

/** The two clauses of the template: a query of the lender's, and a report of whichever bank grants the line. */
function clauses(at: Party = bureau): Omit<Terms, 'grant'>[] {
  const [query, report] = twoClauses(at, Date.now()) as [Omit<Terms, 'grant'>, Omit<Terms, 'grant'>];
  return [query, { ...report, candidates: banks.map(({ party }) => party) }];
}

const bodyOf = (change: object = {}) => ({
  principal: lender.party,
  handle,
  template: TEMPLATE,
  slots: SLOTS,
  text: null,
  warnings: [],
  expires_at: Date.now() + DAY_MS,
  grants: clauses(),
  ...change,
});
const ask = (change: object = {}, headers = {}): Promise<Answer> =>
  door.as(signersOf(lender)).post('/v1/letters', bodyOf(change), headers);
const asPerson = () => door.as([subjectSignatory(handle, person.key)]);

async function texts(): Promise<string> {
  const rows = await door.fixture.store.read((tx) => loadEntries(tx, 0, 1_000));
  return rows.map(({ bytes }) => parseUtf8(bytes)).join('\n');
}

describe('a letter of a template', () => {
  beforeAll(async () => {
    await openScene();
    await publishAll();
  }, 60_000);
  afterAll(async () => {
    expect((await door.fixture.audit()).findings).toEqual([]);
    await door.fixture.close();
  });

  it('has the text that its grants, template and slots make, in Chinese, and beside it in English', async () => {
    const { status, json } = await ask();
    expect(status).toBe(201);
    expect(json.template).toEqual({ ...TEMPLATE, pack_version: 1 });
    for (const said of [
      '个人征信查询报送授权书\n',
      '授权人（借款人）：李示例\n居民身份证：9900**********0014\n',
      '被授权人：示例消费金融有限公司\n',
      '（1）金融信用信息基础数据库\n',
      '第一项授权：查询\n',
      '第二项授权：报送\n',
    ]) {
      expect(json.text).toContain(said);
    }
    const [, ofBank] = json.text.split('第二项授权：报送\n');
    expect(ofBank).toContain(
      [
        '任何一方均不得依本项授权行事：',
        '（1）示例银行甲股份有限公司（统一社会信用代码：91990001MA0000103M）（许可证：商业银行金融许可证（示例））',
        '（2）示例银行乙股份有限公司（统一社会信用代码：91990001MA0000111G）（许可证：商业银行金融许可证（示例））',
        '接收方：',
      ].join('\n'),
    );
    expect(json.translation).toMatch(/^This is a translation\. The Chinese text is authoritative\.\n/);
    expect(json.statement).toMatchObject({ template: json.template, warnings: ['adverse_report', 'debt', 'scam'] });
    expect(json.statement.grants).toMatchObject([{}, { candidates: banks.map(({ party }) => party) }]);
    expect(JSON.stringify(json.statement)).not.toContain('translation');
  });

  it('is read by the person as it will be signed: the statement binds just that text', async () => {
    const drafted = (await ask()).json;
    const { json: shown } = await asPerson().get(`/v1/letters/${drafted.letter}`);
    for (const name of ['text', 'translation', 'template', 'statement']) expect(shown[name]).toEqual(drafted[name]);
    expect(bindsText(shown)).toBe(true);
    expect(bindsText({ ...shown, text: `${shown.text} ` })).toBe(false);
    expect(bindsText({ ...shown, text: shown.translation })).toBe(false);
    const { json: seen } = await door.as(signersOf(lender)).get(`/v1/letters/${drafted.letter}`);
    expect([shown.masked, seen.masked, bindsText(seen)]).toEqual([false, true, false]);
    expect(shown.text).toContain('李示例');
    expect(`${seen.text}${seen.translation}`).not.toContain('李示例');
    expect(seen.text).toBe(
      shown.text
        .replaceAll('李示例', '李＊＊')
        .replaceAll('9900**********0014', seen.text.match(/9900[^\n]*?0014/)?.[0]),
    );
    const answers = { principal: lender.party, answers: CLEAR_ANSWERS };
    const answered = await door.as(signersOf(lender)).post(`/v1/letters/${drafted.letter}/answers`, answers);
    expect([answered.status, answered.json.outcome]).toEqual([201, 'clear']);
    const signed = await signature(drafted as DraftedLetter, person, [true, true], Date.now());
    expect((await door.post(`/v1/letters/${drafted.letter}/signature`, signed)).status).toBe(201);
    const after = (await asPerson().get(`/v1/letters/${drafted.letter}`)).json;
    expect([after.status, after.text]).toEqual(['signed', shown.text]);
  });

  it('is signed after its questions are answered, and not for a day after an answer that stops', async () => {
    const facts = [{ id: 'employer', zh: '在册单位：示例贸易有限公司', en: null, by: bureau.party }];
    const return_to = 'https://lender.example/applications/17';
    const drafted = (await ask({ confirm: facts, owed: '¥50,000', return_to })).json;
    expect(drafted.sign_path).toMatch(/^\/sign\/[\w-]{43}$/);
    const put = async (what: string, body: object) =>
      door.as(signersOf(lender)).post(`/v1/letters/${drafted.letter}/${what}`, body);
    const sign = async () =>
      door.post(
        `/v1/letters/${drafted.letter}/signature`,
        await signature(drafted as DraftedLetter, person, [true, true], Date.now()),
      );
    const read = async () => (await door.as(signersOf(lender)).get(`/v1/letters/${drafted.letter}`)).json;
    expect(await read()).toMatchObject({
      sign_path: drafted.sign_path,
      asked: { status: 'open', held_until: null, confirm: facts, owed: '¥50,000' },
      on_record: [{ party: bureau.party, name: '金融信用信息基础数据库' }],
    });
    expectProblem(await sign(), 409, 'teach_back_missing');
    const answers = { principal: lender.party, answers: answeredWith('no_repayment', '有'), confirmed: ['employer'] };
    expectProblem(await put('answers', { ...answers, confirmed: [] }), 400, 'input_invalid');
    const stopped = await put('answers', answers);
    expect([stopped.status, stopped.json.outcome]).toEqual([201, 'stop']);
    expectProblem(await sign(), 409, 'letter_held');
    expectProblem(await put('answers', { ...answers, answers: CLEAR_ANSWERS }), 409, 'letter_held');
    expect(await read()).toMatchObject({ asked: { status: 'held', held_until: stopped.json.held_until } });
    expect(await texts()).not.toMatch(/示例贸易|50,000|lender\.example|没有|自己用/);
  });

  it('is brought in on paper after its questions are answered at the counter', async () => {
    const drafted = (await ask()).json;
    const both = await addWitness(door.fixture.context, lender);
    const bring = () =>
      door.as(both).post(`/v1/letters/${drafted.letter}/paper`, onPaper(lender, drafted as DraftedLetter, Date.now()));
    expectProblem(await bring(), 409, 'teach_back_missing');
    const answers = { principal: lender.party, answers: CLEAR_ANSWERS };
    expect((await door.as(signersOf(lender)).post(`/v1/letters/${drafted.letter}/answers`, answers)).status).toBe(201);
    expect((await bring()).status).toBe(201);
  });

  it('sends nobody to an address that is not the lender’s to name', async () => {
    for (const return_to of [
      'http://lender.example/',
      'javascript:alert(1)',
      'https://a@lender.example/',
      'https://lender.example/#x',
    ]) {
      expectProblem(await ask({ return_to }), 400, 'input_invalid');
    }
  });

  it('names nobody in any entry: who it is about stands in the vault', async () => {
    await ask();
    expect(await texts()).not.toMatch(/李示例|9900\*|EX-1890|示例路一号|授权书/);
  });

  const refused: readonly (readonly [string, number, string, () => object])[] = [
    ['no template', 422, 'template_required', () => ({ template: null, slots: undefined, text: '授权书' })],
    ['a template and a text', 400, 'input_invalid', () => ({ text: '授权书' })],
    ['warnings besides', 400, 'input_invalid', () => ({ warnings: ['debt'] })],
    ['no slots', 400, 'input_invalid', () => ({ slots: undefined })],
    ['a slot missing', 400, 'input_invalid', () => ({ slots: { ...SLOTS, letter_no: undefined } })],
    ['an unknown slot', 400, 'input_invalid', () => ({ slots: { ...SLOTS, address: 'x' } })],
    [
      'a credit code whose last character does not fit',
      400,
      'input_invalid',
      () => ({ slots: { ...SLOTS, grantee: { ...GRANTEE, uscc: '91990001MA00000158' } } }),
    ],
    [
      'two characters of a door’s credit code swapped',
      400,
      'input_invalid',
      () => ({ slots: { ...SLOTS, doors: [{ party: lender.party, uscc: '91990001AM00000157', contact: null }] } }),
    ],
    ['a pack that is not there', 404, 'pack_unknown', () => ({ template: { ...TEMPLATE, pack: 'alipay' } })],
    ['a template that is not there', 404, 'template_unknown', () => ({ template: { ...TEMPLATE, id: 'other' } })],
    ['another version of it', 404, 'template_unknown', () => ({ template: { ...TEMPLATE, version: 2 } })],
    ['grants in another order', 422, 'template_mismatch', () => ({ grants: bodyOf().grants.toReversed() })],
    ['no candidates for the report', 422, 'template_mismatch', () => ({ grants: twoClauses(bureau, Date.now()) })],
    [
      'candidates for the query',
      422,
      'template_mismatch',
      () => ({ grants: clauses().map((terms) => ({ ...terms, candidates: banks.map(({ party }) => party) })) }),
    ],
    [
      'a candidate of another name',
      422,
      'template_mismatch',
      () => ({
        grants: clauses().map((terms, at) =>
          at === 0 ? terms : { ...terms, candidates: [lender.party, banks[0]?.party] },
        ),
      }),
    ],
    ['a source that no pack knows', 422, 'template_mismatch', () => ({ grants: clauses(lender) })],
    [
      'a signatory of a person',
      422,
      'slot_invalid',
      () => ({ slots: { ...SLOTS, subject: { ...SUBJECT, signatory: '王示例' } } }),
    ],
    [
      'a door that is not in it',
      422,
      'slot_invalid',
      () => ({ slots: { ...SLOTS, doors: [{ party: lender.party, uscc: null, contact: null }] } }),
    ],
    [
      'words against the law in a slot',
      422,
      'letter_faulty',
      () => ({ slots: { ...SLOTS, grantee: { ...GRANTEE, contact: both('本授权不可撤销', 'x') } } }),
    ],
    [
      'words against the law in a name',
      422,
      'letter_faulty',
      () => ({ slots: { ...SLOTS, subject: { ...SUBJECT, name: '本授权不可撤销' } } }),
    ],
  ];
  it.each(refused)('is refused with %s, and nothing is written', async (_what, status, code, change) => {
    const before = await door.size();
    const answer = await ask(change());
    expectProblem(answer, status, code);
    expect(await door.size()).toBe(before);
    expect(answer.text).not.toContain('李示例');
  });

  it('says which sentence goes against which rule, and never who someone is', async () => {
    const [slot, name] = await Promise.all(refused.slice(-2).map(([, , , change]) => ask(change())));
    expect(slot?.json.detail).toMatch(/^L01: .*本授权不可撤销/);
    expect(name?.json.detail).toMatch(/^L01: /);
    expect(name?.text).not.toContain('不可撤销');
  });

  it('says where a credit code is that can be nobody’s, and what is wrong with it', async () => {
    const { json } = await ask({ slots: { ...SLOTS, grantee: { ...GRANTEE, uscc: '91990001MA00000158' } } });
    expect(json.errors).toEqual([
      {
        at: 'slots.grantee.uscc',
        message: 'the last character does not fit the others: one is wrong, or two are swapped',
      },
    ]);
  });

  it('lists the templates in force, where it has none', async () => {
    const { json } = await ask({ template: null, slots: undefined, text: '授权书' });
    expect(json.detail).toContain('huabei huabei_letter 1');
    expect(json.detail).toContain('bank-loan bank_loan_firm 1');
  });

  it('asked for again under its key is the same answer, byte for byte, also when the law has changed', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const body = JSON.stringify(bodyOf());
    const as = door.as(signersOf(lender));
    const once = await as.post('/v1/letters', body, key);
    expect(once.status).toBe(201);
    expect((await door.asKeeper().post('/v1/packs/huabei/withdrawal', {})).status).toBe(201);
    const size = await door.size();
    const again = await as.post('/v1/letters', body, key);
    expect([again.text, await door.size()]).toEqual([once.text, size]);
    expectProblem(await ask(), 409, 'pack_not_in_force');
    const [huabei] = PACKS.filter(({ id }) => id === 'huabei');
    const republished = await door.asKeeper().post('/v1/packs', { pack: { ...huabei, version: 2 } });
    expect([republished.status, republished.text]).toEqual([201, republished.text]);
    expect((await ask()).json.template).toEqual({ ...TEMPLATE, pack_version: 2 });
  });
});

describe('a ledger without templates', () => {
  it('takes a text of the grantee’s own, without slots, until the first one is in force', async () => {
    await openScene();
    const own = { template: null, slots: undefined, text: '本人授权示例消费金融有限公司查询。' };
    expectProblem(await ask(), 404, 'pack_unknown');
    const { status, json } = await ask(own);
    expect([status, json.template, json.text, json.translation]).toEqual([201, null, own.text, null]);
    expectProblem(await ask({ ...own, slots: SLOTS }), 400, 'input_invalid');
    await publishAll();
    expectProblem(await ask(own), 422, 'template_required');
    expect((await ask()).status).toBe(201);
    expect((await door.fixture.audit()).findings).toEqual([]);
    await door.fixture.close();
  }, 60_000);
});

describe('a server that lies', () => {
  beforeAll(async () => {
    await openScene();
    await publishAll();
  }, 60_000);
  afterAll(() => door.fixture.close());

  /** What an honest server would have written, with other words in the vault and their right digest in the entry. */
  async function lie(change: (part: Record<string, string>) => object, grants = clauses()): Promise<void> {
    const { context } = door.fixture;
    const body = bodyOf({ grants, expires_at: (Date.now() + DAY_MS) as Instant });
    const { json } = await ask({ grants });
    const names = nameCall(context, await calledBy(context, lender.party, '/v1/letters', body), 'sealed');
    const parts = { text: json.text, translation: json.translation, slots: SLOTS, ...change(json) } as never;
    const salt = random(32);
    const stream = relationshipStream(handle);
    const keys = await context.ledger.store.read((tx) => openKeys(context.vault, tx, stream));
    const sealed = { ...(parts as object), text_salt: Buffer.from(salt).toString('base64url'), ...names.part };
    const payload = await sealPayload(context.vault, keys, 'letter.drafted', sealed as never);
    const id = () => randomUUID().replaceAll('-', '');
    const input = {
      letter: id(),
      principal: lender.party,
      text: digestText(salt, (parts as { text: string }).text),
      template: { ...TEMPLATE, pack_version: 1 },
      warnings: ['adverse_report', 'debt', 'scam'],
      engine: 2,
      asks: true,
      nonce: Buffer.from(random(32)).toString('base64url'),
      expires_at: body.expires_at,
      grants: body.grants.map((terms) => ({ ...terms, grant: id() })),
      ...names.call(0),
    };
    await context.ledger.submit({
      claims: [names.claim],
      touches: [stream, 'log', ...[lender, bureau, ...banks].map(({ party }) => `party/${party}`)] as never,
      plan: () => [{ command: { type: 'letter.drafted', stream, input } as never, payload }],
    });
  }

  it.each<[string, string, (part: Record<string, string>) => object]>([
    ['nothing', '', () => ({})],
    ['another text', 'its text is not the one', ({ text }) => ({ text: text?.replace('仅为', '为') })],
    ['a clause more', 'its text is not the one', ({ text }) => ({ text: `${text}本授权永久有效。\n` })],
    ['another translation', 'its translation is of another text', () => ({ translation: 'I agree to all.' })],
  ])('about %s is found by the audit', async (_what, found, change) => {
    const before = (await door.fixture.audit()).findings.length;
    await lie(change);
    const { findings } = await door.fixture.audit();
    const added = findings.slice(before);
    if (found === '') expect(added).toEqual([]);
    else expect(added).toMatchObject([{ code: 'payload', message: expect.stringContaining(found) }]);
  });

  it('about who signs is found: its slots are those that the grantee signed', async () => {
    const before = (await door.fixture.audit()).findings.length;
    const expires_at = Date.now() + DAY_MS;
    const slots = { ...SLOTS, letter_no: 'EX-1890-002' };
    const other = bodyOf({ expires_at, slots });
    const { json } = await ask(other);
    await lie(() => ({ slots, text: json.text, translation: json.translation }), other.grants);
    const { findings } = await door.fixture.audit();
    expect(findings.slice(before)).toMatchObject([
      { code: 'signature', message: 'the signed request said another slots' },
    ]);
  });
});
