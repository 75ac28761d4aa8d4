/** What a letter can be drafted from, over HTTP: and that what a desk makes of any of it is taken. */

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Handle } from '#core/ids.ts';
import { foldersIn } from '../../src/cli/packs/lint.ts';
import { readInOrder } from '../../src/cli/packs/publish.ts';
import { draftingOf, type Filled, type Template } from '../../src/web/scripts/desk/draft.ts';
import { enrolPerson, newParty, newPerson, type Party } from '../support/actors.ts';
import { type Door, expectProblem, openDoor, signersOf } from './door.ts';

const PACKS = readInOrder(foldersIn(fileURLToPath(new URL('../../packs', import.meta.url))));
const both = (text: string) => ({ zh: text, en: text });

let door: Door;
let lender: Party;
let bureau: Party;
let offered: readonly Template[];

beforeAll(async () => {
  door = await openDoor();
  const { context } = door.fixture;
  lender = await newParty(context, 'grantee', '示例银行甲股份有限公司');
  await newParty(context, 'grantee', '示例银行乙股份有限公司');
  bureau = await newParty(context, 'bureau', '金融信用信息基础数据库');
  const keeper = door.asKeeper();
  await keeper.post('/v1/log/engine', { engine: 2 });
  for (const pack of PACKS) expect((await keeper.post('/v1/packs', { pack })).status).toBe(201);
  offered = (await door.as(signersOf(lender)).get('/v1/templates')).json.templates;
}, 120_000);
afterAll(async () => {
  expect((await door.fixture.audit()).findings).toEqual([]);
  await door.fixture.close();
});

/** Everything of a template ticked whose parties are registered, as a clerk would. */
function filledWith(template: Template): Filled {
  const clauses = template.clauses.filter(
    ({ sources, recipients, candidates }) =>
      (sources.length === 0 || sources.some(({ party }) => party)) &&
      (recipients.length === 0 || recipients.some(({ party }) => party)) &&
      (candidates.length === 0 || candidates.filter(({ party }) => party).length > 1),
  );
  const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
  const ticked = clauses.map((clause) => ({
    clause: clause.id,
    purposes: ids(clause.purposes),
    items: ids(clause.items),
    sources: ids(clause.sources),
    recipients: ids(clause.recipients),
    candidates: ids(clause.candidates),
  }));
  const isFirm = template.subject === 'firm';
  const reached = clauses
    .flatMap(({ action, recipients, candidates }) => [...(action === 'PROVIDE' ? recipients : []), ...candidates])
    .flatMap(({ party }) => (party === null ? [] : [{ party, uscc: '', usccField: '', contact: both('示例路二号') }]));
  return {
    template,
    ticked,
    last: '2099-12-31',
    signBy: '2099-01-31',
    letterNo: 'EX-1890-007',
    letterhead: { uscc: '91990001MA00000157', licence: both('许可证（示例）'), contact: both('示例路一号') },
    subject: {
      name: '𬱖示例',
      id_type: both('居民身份证'),
      id_number: '990001189003070010',
      loan_card: isFirm ? '9900010000000001' : '',
      signatory: isFirm ? '王示例' : '',
    },
    owed: '¥50,000',
    returnTo: 'https://lender.example/17',
    confirm: [{ by: lender.party, lines: '在册单位：示例贸易有限公司' }],
    reached: [...new Map(reached.map((each) => [each.party, each])).values()],
  };
}

describe('the templates in force', () => {
  it('are told to parties, with their words, and who is registered by the names in them', async () => {
    expect(offered.map(({ id }) => id)).toEqual(expect.arrayContaining(['huabei_letter', 'bank_loan_person']));
    const [query] = offered.find(({ id }) => id === 'huabei_letter')?.clauses ?? [];
    expect(query).toMatchObject({ action: 'QUERY', necessity: 'necessary' });
    expect(query?.purposes[0]).toMatchObject({ id: 'loan_apply', name: { zh: expect.stringMatching(/\p{sc=Han}/u) } });
    expect(query?.sources[0]?.party).toBe(bureau.party);
    const all = offered.flatMap(({ clauses }) => clauses.flatMap(({ sources }) => sources));
    expect(all.find(({ id }) => id === 'tax_authority')?.party).toBeNull();
  });

  it('are told to nobody else', async () => {
    expectProblem(await door.get('/v1/templates'), 401, 'signature_required');
  });

  it('name nobody by a name that two have', async () => {
    const twin = await newParty(door.fixture.context, 'bureau', '示例税务部门涉税信息库');
    const partyNow = async () => {
      const { templates } = (await door.as(signersOf(lender)).get('/v1/templates')).json as {
        templates: readonly Template[];
      };
      return templates
        .flatMap(({ clauses }) => clauses.flatMap(({ sources }) => sources))
        .find(({ id }) => id === 'tax_authority')?.party;
    };
    expect(await partyNow()).toBe(twin.party);
    await newParty(door.fixture.context, 'bureau', '示例税务部门涉税信息库');
    expect(await partyNow()).toBeNull();
  });

  it('make letters of what a clerk ticks, of persons and of firms', async () => {
    const asLender = door.as(signersOf(lender));
    for (const template of offered) {
      const filled = filledWith(template);
      if (filled.ticked.length === 0) continue;
      const handle: Handle = await enrolPerson(door.fixture.context, lender, await newPerson(), template.subject);
      const drafted = await asLender.post(
        '/v1/letters',
        draftingOf({ principal: lender.party, handle }, filled, Date.now()),
      );
      expect([template.id, drafted.status, drafted.json.detail]).toEqual([template.id, 201, undefined]);
      expect(drafted.json.sign_path).toMatch(/^\/sign\/[\w-]{43}$/);
      expect(drafted.json.text).toContain('𬱖示例');
      expect(drafted.json.text).toContain('9900**********0010');
      expect(drafted.json.text).not.toContain('990001189003070010');
    }
  }, 60_000);
});
