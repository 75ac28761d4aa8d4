/** Documents as the ledger takes them over HTTP: what is refused and where, what is flagged, and that the audit knows. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Handle } from '#core/ids.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { readShipped } from '../../src/cli/packs/publish.ts';
import { draft, newParty, type Party, twoClauses } from '../support/actors.ts';
import { rewriteHistory, undone } from '../support/attack.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger } from '../support/ledger-fixture.ts';
import { residentId } from '../support/resident-id.ts';
import { type Door, expectProblem, openDoor, signersOf } from './door.ts';

const OLD = '990001500615001';

let door: Door;
let lender: Party;
let bureau: Party;
let number = 0;

beforeAll(async () => {
  door = await openDoor();
  lender = await newParty(door.fixture.context, 'grantee');
  bureau = await newParty(door.fixture.context, 'bureau');
});
afterAll(async () => {
  await checkLedger(door.fixture);
  await door.fixture.close();
});

const fresh = () => residentId(500_000 + number++);
const bodyOf = (id_number: string, change: object = {}, id_type = 'resident_id') => ({
  principal: lender.party,
  subject: 'person',
  identity: { id_type, id_number, name: '示例人甲', phone: null },
  ...change,
});
const enrol = (id_number: string, change: object = {}) =>
  door.as(signersOf(lender)).post('/v1/relationships', bodyOf(id_number, change));

describe('a document that is refused', () => {
  it.each([
    ['a wrong check character', 'resident_id', '990001189001010015', 'identity.id_number', 'does not fit'],
    ['a day that there is not', 'resident_id', '360800180102290026', 'identity.id_number', 'calendar'],
    ['15 digits', 'resident_id', OLD, 'identity.id_number', 'from before 1999'],
    ['a firm’s wrong code', 'uscc', '91990001MA00000158', 'identity.id_number', 'does not fit'],
  ])('for %s says which field, and never the number', async (_why, id_type, id_number, at, wanted) => {
    const answer = await door.as(signersOf(lender)).post('/v1/relationships', bodyOf(id_number, {}, id_type));
    expectProblem(answer, 422, 'identifier_invalid');
    expect(answer.json.errors).toEqual([{ at, message: expect.stringContaining(wanted) }]);
    expect(answer.text).not.toContain(id_number);
  });
});

describe('a document out of records from before', () => {
  it('may be one of 15 digits, is flagged, and carries no new letter', async () => {
    const { status, json } = await enrol(OLD, { legacy: true });
    expect([status, json.flags]).toEqual([201, ['legacy_import', 'number_old']]);
    const { context } = door.fixture;
    const grants = twoClauses(bureau, context.clock());
    await expectRefusal('identifier_old', draft(context, { lender, handle: json.handle as Handle, grants }));
  });

  it('is otherwise as any other', async () => {
    const { json } = await enrol(fresh(), { legacy: true });
    expect(json.flags).toEqual(['legacy_import']);
    const { context } = door.fixture;
    await draft(context, { lender, handle: json.handle, grants: twoClauses(bureau, context.clock()) });
    expectProblem(await enrol('990001500631001', { legacy: true }), 422, 'identifier_invalid');
  });

  it('is said to be so, or not at all', async () => {
    expectProblem(await enrol(fresh(), { legacy: false }), 400, 'input_invalid');
  });
});

describe('the area of a number', () => {
  it('is looked at from the moment on that a pack in force has areas, and refuses nobody', async () => {
    const before = fresh();
    expect((await enrol(before)).json.flags).toEqual([]);
    const pack = readShipped().find(({ id }) => id === 'area-cn');
    expect((await door.asKeeper().post('/v1/packs', { pack })).status).toBe(201);
    expect((await enrol('110105180001010010')).json.flags).toEqual([]);
    expect((await enrol(fresh())).json.flags).toEqual(['area_unknown']);
    // Who is known already is answered as it was at the opening.
    expect((await enrol(before)).json.flags).toEqual([]);
  });

  it('is answered the same to the same request', async () => {
    const body = bodyOf(fresh());
    const key = randomUUID();
    const [first, again] = [
      await door.as(signersOf(lender)).post('/v1/relationships', body, { 'idempotency-key': key }),
      await door.as(signersOf(lender)).post('/v1/relationships', body, { 'idempotency-key': key }),
    ];
    expect(again.text).toBe(first.text);
    expect(first.json.flags).toEqual(['area_unknown']);
  });
});

describe('what is flagged', () => {
  it('follows from the document: the audit finds a ledger that says otherwise', async () => {
    const other = await openDoor();
    try {
      const { fixture } = other;
      const by = await newParty(fixture.context, 'grantee');
      const post = async (id_number: string, change: object) =>
        (await other.as(signersOf(by)).post('/v1/relationships', { ...bodyOf(id_number, change), principal: by.party }))
          .json.entry.index as number;
      const plain = await post(fresh(), {});
      const old = await post(OLD, { legacy: true });
      const found = (change: (entry: Entry, index: number) => Entry) =>
        undone(fixture, async (tx) => {
          await rewriteHistory(tx, fixture, change);
          return (await fixture.auditIn(tx)).findings.map(({ code, index, message }) => `${code} ${index} ${message}`);
        });
      const wrong = 'other things are flagged of its document than are so';
      expect(await found((entry) => entry)).toEqual([]);
      expect(
        await found((entry, index) =>
          index === plain ? { ...entry, body: { ...entry.body, flags: ['area_unknown'] } } : entry,
        ),
      ).toContain(`payload ${plain} ${wrong}`);
      // Nor was it asked for otherwise than the lender signed.
      expect(
        await found((entry, index) =>
          index === old ? { ...entry, body: { ...entry.body, flags: ['number_old'] } } : entry,
        ),
      ).toEqual([expect.stringContaining('the signed request said another legacy')]);
      for (const flags of [['legacy_import'], ['area_unknown', 'legacy_import', 'number_old']]) {
        expect(
          await found((entry, index) => (index === old ? { ...entry, body: { ...entry.body, flags } } : entry)),
        ).toContain(`payload ${old} ${wrong}`);
      }
      const unflagged = ({ flags: _flags, ...body }: Entry['body']) => body;
      expect(
        await found((entry, index) => (index === old ? { ...entry, body: unflagged(entry.body) } : entry)),
      ).toContain(`payload ${old} ${wrong}`);
    } finally {
      await other.fixture.close();
    }
  });
});
