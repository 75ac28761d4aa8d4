/**
 * A person with two lenders under the shipped law: letters made from a template, a bureau that hands over, and someone else
 * who has nothing to do with any of it. Everybody is made up; the clock of the ledger is the test's, and readers ask the
 * database's own: so a test counts back from now.
 */
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Terms } from '#core/consent/terms.ts';
import type { GrantId, Handle, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Pack } from '#core/pack/pack.ts';
import { personStream } from '#core/tlog/stream.ts';
import type { SignerState } from '#ledger/signer.ts';
import type { AskAccess } from '#service/accesses.ts';
import { letterCapability } from '#service/capabilities.ts';
import { answerByLink } from '#service/letter-link.ts';
import { type DraftedLetter, type DraftLetter, draftLetter } from '#service/letters.ts';
import type { SignedIn } from '#service/person/relations.ts';
import { loadPersonOf } from '#store/subjects.ts';
import { foldersIn } from '../../src/cli/packs/lint.ts';
import { readInOrder } from '../../src/cli/packs/publish.ts';
import { type Answer, doorTo, signersOf } from '../api/door.ts';
import {
  bindPersonKey,
  calledBy,
  DAY_MS,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  request,
  sign,
} from './actors.ts';
import { CLEAR_ANSWERS } from './answers.ts';
import { type Database, type Fixture, openFixture } from './ledger-fixture.ts';
import { askPermit, present, settleAs } from './releases.ts';
import { SLOTS } from './slots.ts';

const PACKS = readInOrder(foldersIn(fileURLToPath(new URL('../../packs', import.meta.url))));

export const NAMES = {
  bankA: '示例银行甲股份有限公司',
  bankB: '示例银行乙股份有限公司',
  bureau: '金融信用信息基础数据库',
} as const;

/** A query by order of a court, of which the person is told later. */
export const JUDICIAL = {
  purpose: 'judicial',
  ground: { basis: 'judicial', reference: '（2026）示例 1 号' },
  items: ['credit_info'],
  stated: { reason: null, used_at: null, asked_at: null, officers: 2 },
} as const;

export interface Bank {
  readonly party: Party;
  readonly handle: Handle;
  readonly query: GrantId;
  readonly report: GrantId;
  readonly letter: DraftedLetter;
}

export type PersonScene = Awaited<ReturnType<typeof openPersonScene>>;

/** @param time Undefined: as it goes. @param signerState The signer's memory, where a test goes on with it. */
export async function openPersonScene(
  time: number | undefined,
  database: Database = 'postgres',
  postgresUrl?: string,
  signerState?: SignerState,
) {
  const fixture = await openFixture(database, {
    ...(time === undefined ? {} : { time }),
    ...(signerState === undefined ? {} : { signerState }),
    postgresUrl,
  });
  const { context } = fixture;
  const door = doorTo(fixture);
  const keeper = async (path: string, body: object) => taken(await door.asKeeper().post(path, body));
  for (const pack of PACKS) await keeper('/v1/packs', { pack });
  const identifier = await newParty(context, 'identifier');
  const bureau = await newParty(context, 'bureau', NAMES.bureau);
  const banks = [await newParty(context, 'grantee', NAMES.bankA), await newParty(context, 'grantee', NAMES.bankB)];
  for (const [{ party }, kind] of [
    ...banks.map((bank) => [bank, 'bank'] as const),
    [bureau, 'personal_bureau'] as const,
  ]) {
    await keeper(`/v1/parties/${party}/licences`, { kind, from: Date.UTC(2010, 0, 1), to: null });
  }
  const person = await newPerson();
  const other = await newPerson();
  const candidates = banks.map(({ party }) => party);
  const tell = async (by: Party, handle: Handle, path: string, body: object = {}) =>
    taken(await door.as(signersOf(by)).post(`/v1/relationships/${handle}${path}`, { principal: by.party, ...body }));

  const signIn = async (handle: Handle): Promise<SignedIn> => {
    const who = await fixture.store.readOnce((tx) => loadPersonOf(tx, handle));
    if (who === undefined) throw new Error('the scene enrolled this person');
    return { person: who, binding: { stream: personStream(who), seq: 0 } };
  };
  const enrol = async (bank: Party, whom: Person): Promise<Handle> => {
    const handle = await enrolPerson(context, bank, whom);
    await tell(bank, handle, '/attestations/subject', { band: 'adult', own_income: true, guardian: false });
    return handle;
  };
  const draft = (bank: Party, handle: Handle, change: Partial<DraftLetter> = {}) =>
    draftTemplate(fixture, { bank, handle, bureau, candidates }, change);

  async function withLetter(bank: Party): Promise<Bank> {
    const handle = await enrol(bank, person);
    if (bank === banks[0]) await bindPersonKey(context, { lender: bank, person, handle, identifier });
    const letter = await draft(bank, handle);
    const answers = { answers: CLEAR_ANSWERS, confirmed: [] };
    await answerByLink(context, request(), letterCapability(context, letter.letter), answers);
    await sign(context, letter, person, [true, true]);
    const [query, report] = letter.grants.map(({ grant }) => grant) as [GrantId, GrantId];
    return { party: bank, handle, query, report, letter };
  }

  const [a, b] = [await withLetter(banks[0] as Party), await withLetter(banks[1] as Party)];
  const otherHandle = await enrol(a.party, other);
  await bindPersonKey(context, { lender: a.party, person: other, handle: otherHandle, identifier });
  const query = (bank: Bank, change: Partial<AskAccess> = {}): AskAccess => ({
    principal: bank.party.party,
    handle: bank.handle,
    ground: { grant: bank.query },
    action: 'QUERY',
    purpose: 'loan_apply',
    items: ['credit_report'],
    door: bureau.party,
    bound: null,
    ...change,
  });
  return {
    fixture,
    context,
    door,
    keeper,
    identifier,
    bureau,
    a,
    b,
    person,
    other,
    otherHandle,
    me: await signIn(a.handle),
    them: await signIn(otherHandle),
    tell,
    draft,
    query,
    setTime: (time: number) => fixture.setTime(time),
    /** Asks; answers the access, allowed or not. */
    ask: (bank: Bank, change: Partial<AskAccess> = {}) => askPermit(context, query(bank, change)),
    /** Asks, and the bureau hands over. */
    async look(bank: Bank, change: Partial<AskAccess> = {}) {
      const asked = await askPermit(context, query(bank, change));
      expect([asked.decision, asked.codes]).toEqual(['allow', []]);
      await present(context, bureau, asked);
      await settleAs(context, bureau, asked.access, 'released', { items: [...(change.items ?? ['credit_report'])] });
      return asked;
    },
  };
}

interface Drafting {
  readonly bank: Party;
  readonly handle: Handle;
  readonly bureau: Party;
  readonly candidates: readonly PartyId[];
}

async function draftTemplate(
  { context }: Fixture,
  { bank, handle, bureau, candidates }: Drafting,
  change: Partial<DraftLetter>,
): Promise<DraftedLetter> {
  const now = context.clock();
  const common = {
    from: null,
    to: (now + 5 * 366 * DAY_MS) as Instant,
    basis: 'written_consent',
    necessity: 'necessary',
    uses_max: null,
    frequency: null,
    staleness_ms: null,
  } as const;
  const grants: readonly Omit<Terms, 'grant'>[] = [
    {
      action: 'QUERY',
      purposes: ['loan_apply', 'post_loan'],
      items: ['credit_info', 'credit_report'],
      sources: [bureau.party],
      recipients: [],
      ...common,
    },
    {
      action: 'REPORT',
      purposes: ['credit_reporting'],
      items: ['basic', 'line', 'repayment', 'adverse'],
      sources: [],
      recipients: [bureau.party],
      candidates,
      ...common,
    },
  ];
  const body = {
    principal: bank.party,
    handle,
    text: null,
    template: { pack: 'huabei' as Pack['id'], id: 'huabei_letter', version: 1 },
    slots: SLOTS,
    warnings: [],
    expires_at: (now + 30 * DAY_MS) as Instant,
    grants,
    ...change,
  };
  return draftLetter(context, await calledBy(context, bank.party, '/v1/letters', body), body);
}

function taken(answer: Answer): Answer['json'] {
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.json;
}
