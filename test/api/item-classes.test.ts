/** Classes of items over HTTP (domain/seeds.md 3.12): what is ticked is fixed, and a wider catalogue adds nothing to it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ITEMS_MAX } from '#core/consent/terms.ts';
import type { GrantId, Handle } from '#core/ids.ts';
import { dayAt } from '#core/pack/reckon.ts';
import type { DraftedLetter } from '#service/letters.ts';
import {
  bindPersonKey,
  DAY_MS,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  signature,
  twoClauses,
} from '../support/actors.ts';
import { CLEAR_ANSWERS } from '../support/answers.ts';
import { SLOTS } from '../support/slots.ts';
import { SOCIAL_INSURANCE, treePack } from '../support/tree-pack.ts';
import { type Answer, type Door, expectProblem, openDoor, signersOf } from './door.ts';

const OTHERS = Array.from({ length: ITEMS_MAX - 3 }, (_, at) => `other_${at}`);

let door: Door;
let lender: Party;
let bureau: Party;
let person: Person;
let handle: Handle;
const publish = async (version: 1 | 2): Promise<void> => {
  const answer = await door
    .asKeeper()
    .post('/v1/packs', { pack: version === 1 ? treePack(1) : treePack(2, dayAt(Date.now())) });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
};
const named = (change: object = {}) => ({ pack: 'tree', version: 1, class: SOCIAL_INSURANCE, ...change });
const draft = (item_classes: unknown, items: readonly string[] = []): Promise<Answer> => {
  const [query] = twoClauses(bureau, Date.now());
  return door.as(signersOf(lender)).post('/v1/letters', {
    principal: lender.party,
    handle,
    template: { pack: 'tree', id: 'huabei_letter', version: 1 },
    slots: SLOTS,
    text: null,
    warnings: [],
    expires_at: Date.now() + DAY_MS,
    grants: [{ ...query, items, item_classes }],
  });
};
async function given(letter: DraftedLetter): Promise<GrantId> {
  const answers = { principal: lender.party, answers: CLEAR_ANSWERS };
  expect((await door.as(signersOf(lender)).post(`/v1/letters/${letter.letter}/answers`, answers)).status).toBe(201);
  const signed = await signature(letter, person, [true], Date.now());
  expect((await door.post(`/v1/letters/${letter.letter}/signature`, signed)).status).toBe(201);
  return letter.grants[0]?.grant as GrantId;
}
const query = (grant: GrantId, items: readonly string[]): Promise<Answer> =>
  door.as(signersOf(lender)).post('/v1/accesses', {
    principal: lender.party,
    handle,
    ground: { grant },
    action: 'QUERY',
    purpose: 'loan_apply',
    items,
    door: bureau.party,
    bound: null,
  });

beforeAll(async () => {
  door = await openDoor();
  const { context } = door.fixture;
  lender = await newParty(context, 'grantee', '示例消费金融有限公司');
  bureau = await newParty(context, 'bureau', '金融信用信息基础数据库');
  const identifier = await newParty(context, 'identifier');
  person = await newPerson();
  handle = await enrolPerson(context, lender, person);
  await bindPersonKey(context, { lender, person, handle, identifier });
  await publish(1);
}, 60_000);
afterAll(async () => {
  expect((await door.fixture.audit()).findings).toEqual([]);
  await door.fixture.close();
});

describe('a class that is ticked', () => {
  it('is the items that it has in that version, each named in terms, statement and text', async () => {
    const { status, json } = await draft([named()], ['credit_info']);
    expect(status).toBe(201);
    const items = ['credit_info', 'item_1', 'item_2', 'item_3', 'item_4'];
    expect(json.grants[0].items).toEqual(items);
    expect(json.grants[0]).not.toHaveProperty('item_classes');
    expect(json.statement.grants[0].items).toEqual(items);
    const heading =
      '【示例社会保障类 › 示例社会保障小类1】\n（2）示例数据项1\n（3）示例数据项2\n（4）示例数据项3\n（5）示例数据项4\n';
    expect(json.text).toContain(heading);
    expect(json.text).not.toContain('示例数据项5');
    expect(json.translation).toContain('(5) Example item 4\n');
  });

  it('of a whole class is all of its parts, and an item that is named besides stands once', async () => {
    const { json } = await draft([named({ class: 'class_2' }), named()], ['item_1']);
    expect(json.grants[0].items).toHaveLength(16);
    expect(new Set(json.grants[0].items).size).toBe(16);
  });

  it('is listed with the packs, with what it holds, and stands in the pack’s own bytes', async () => {
    const { json } = await door.get('/v1/packs');
    const { classes, versions } = json.packs.find(({ pack }: { pack: string }) => pack === 'tree');
    expect(classes).toHaveLength(33);
    expect(classes.filter(({ parent }: { parent: unknown }) => parent === null)).toHaveLength(7);
    const at = classes.findIndex((each: { class: string }) => each.class === SOCIAL_INSURANCE);
    expect(classes[at]).toEqual({
      class: SOCIAL_INSURANCE,
      name: { zh: '示例社会保障小类1', en: 'Example part 2.1' },
      parent: 'class_2',
      items: ['item_1', 'item_2', 'item_3', 'item_4'],
    });
    expect(classes[at - 1]).toMatchObject({ class: 'class_2', parent: null });
    expect(classes[at - 1].items).toHaveLength(16);
    const pack = JSON.parse((await door.get(`/v1/packs/${versions[0].digest}`)).text);
    expect(pack.classes).toHaveLength(33);
  });

  it.each<[string, number, string, () => unknown, (readonly string[])?]>([
    ['a class that is not there', 422, 'item_class_unknown', () => [named({ class: 'class_9' })]],
    ['a version that is not in force', 409, 'pack_not_in_force', () => [named({ version: 2 })]],
    ['a pack that is not there', 409, 'pack_not_in_force', () => [named({ pack: 'other' })]],
    ['no item and no class', 400, 'input_invalid', () => []],
    ['half a name', 400, 'input_invalid', () => [{ pack: 'tree', class: SOCIAL_INSURANCE }]],
    ['more items than a clause may have', 400, 'input_invalid', () => [named()], OTHERS],
  ])('is refused with %s, and nothing is written', async (_what, status, code, classes, items = []) => {
    const before = await door.size();
    expectProblem(await draft(classes(), items), status, code);
    expect(await door.size()).toBe(before);
  });

  it('covers no item that a later version of the catalogue adds to it; a new letter does', async () => {
    const old = await given((await draft([named()])).json as DraftedLetter);
    expect((await query(old, ['item_1', 'item_4'])).json).toMatchObject({ decision: 'allow' });
    expect((await query(old, ['item_97'])).json).toMatchObject({ decision: 'deny', codes: ['SCOPE'] });
    await publish(2);
    expect((await query(old, ['item_97'])).json).toMatchObject({ decision: 'deny', codes: ['SCOPE'] });
    expect((await query(old, ['item_2'])).json).toMatchObject({ decision: 'allow' });
    expectProblem(await draft([named()]), 409, 'pack_not_in_force');
    const fresh = (await draft([named({ version: 2 })])).json as DraftedLetter;
    expect(fresh.grants[0]?.items).toEqual(['item_1', 'item_2', 'item_3', 'item_4', 'item_97']);
    expect(fresh.text).toContain('（5）示例数据项97\n');
    expect((await query(await given(fresh), ['item_97'])).json).toMatchObject({ decision: 'allow' });
  });
});
