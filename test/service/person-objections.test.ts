/** Objections that a person opens itself: heard by who has to answer, with one clock for both, and marked meanwhile. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AccessId, FactId } from '#core/ids.ts';
import { stateOfFact } from '#service/facts.ts';
import { readFeed } from '#service/feed.ts';
import { readObjection } from '#service/objections.ts';
import { type OpenOwnObjection, openOwnObjection, readObjections } from '#service/person/objections.ts';
import type { PersonSession } from '#service/sessions.ts';
import { signersOf } from '../api/door.ts';
import { calledBy, request } from '../support/actors.ts';
import { reader } from '../support/callers.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger } from '../support/ledger-fixture.ts';
import { NAMES, openPersonScene, type PersonScene } from '../support/person-scene.ts';
import { signIn } from '../support/sessions.ts';

const DAY = 86_400_000;
const REASON = '这笔查询不是我申请的贷款 <script>alert(1)</script> 䶮';
let scene: PersonScene;
let session: PersonSession;
let access: AccessId;
beforeAll(async () => {
  scene = await openPersonScene(Date.now() - 30 * DAY);
  access = (await scene.look(scene.a)).access;
  session = (await signIn(scene.context, scene.person, scene.a.handle)).session;
});
afterAll(async () => {
  const report = await checkLedger(scene.fixture);
  expect(report.attested).toBe(0);
  await scene.fixture.close();
});

const object = (change: Partial<OpenOwnObjection> = {}, by = session, key?: string) =>
  openOwnObjection(scene.context, request(key), by, {
    about: { access },
    items: ['credit_report'],
    reason: REASON,
    ...change,
  });
const feed = async () =>
  (await readFeed(scene.context, await reader(scene.context, scene.a.party), { after: null, limit: 500 })).items;

it('refuses what is another’s, what is not in the line, and what says nothing', async () => {
  const theirs = (await signIn(scene.context, scene.other, scene.otherHandle)).session;
  await expectRefusal('access_unknown', object({}, theirs));
  await expectRefusal('grant_unknown', object({ about: { grant: scene.a.query } }, theirs));
  await expectRefusal('access_unknown', object({ about: { access: '0'.repeat(32) as AccessId } }));
  await expectRefusal('input_invalid', object({ items: ['basic'] }));
  await expectRefusal('input_invalid', object({ items: [] }));
  await expectRefusal('input_invalid', object({ reason: ' \n' }));
  await expectRefusal('input_invalid', object({ reason: '长'.repeat(2_001) }));
  expect(await readObjections(scene.context, scene.me)).toEqual([]);
});

let objection: FactId;
it('P-07 is opened by a line and a reason, and its twenty days run for both sides', async () => {
  const opened = await object({}, session, 'once');
  expect(await object({}, session, 'once')).toEqual(opened);
  ({ objection } = opened);
  expect(opened.due).toBeGreaterThan(scene.context.clock() + 19 * DAY);
  const [mine] = await readObjections(scene.context, scene.me);
  expect(mine).toMatchObject({
    objection,
    access,
    own: true,
    reason: REASON,
    institution: { zh: NAMES.bankA },
    due: opened.due,
    answer: null,
  });
  // Thirty days ago: it is late by now.
  expect(mine?.status).toBe('overdue');
  expect((await feed()).filter(({ type }) => type === 'objection.opened')).toMatchObject([
    { access, handle: scene.a.handle },
  ]);
  const lender = await reader(scene.context, scene.a.party);
  const place = { handle: scene.a.handle, fact: objection };
  expect(await readObjection(scene.context, lender, place)).toEqual({
    handle: scene.a.handle,
    objection,
    reason: REASON,
    answer: null,
  });
  await expectRefusal(
    'relationship_unknown',
    readObjection(scene.context, await reader(scene.context, scene.b.party), place),
  );
  await expectRefusal(
    'fact_unknown',
    readObjection(scene.context, lender, { ...place, fact: scene.a.handle as string as FactId }),
  );
  expect(await readObjections(scene.context, scene.them)).toEqual([]);
  const facts = await scene.door.as(signersOf(scene.a.party)).get(`/v1/relationships/${scene.a.handle}/facts`);
  expect(facts.json.objections[objection]).toMatchObject({ own: { access }, due: opened.due, status: 'overdue' });
});

it('V27 marks what is queried of the item meanwhile', async () => {
  scene.fixture.setTime(Date.now() - 28 * DAY);
  const asked = await scene.ask(scene.a);
  expect([asked.decision, asked.law?.marks]).toEqual(['allow', ['DISPUTED']]);
});

it('is answered by the institution, late as the audit says, and the person reads what came of it', async () => {
  scene.fixture.setTime(Date.now() - DAY);
  const body = { principal: scene.a.party.party, answer: 'corrected' } as const;
  const path = `/v1/relationships/${scene.a.handle}/objections/${objection}/answer`;
  const caller = await calledBy(scene.context, body.principal, path, body);
  await stateOfFact(scene.context, caller, { handle: scene.a.handle, fact: objection }, 'objection.answered', body);
  expect((await readObjections(scene.context, scene.me))[0]).toMatchObject({ status: 'answered', answer: 'corrected' });
  const { conduct } = await scene.fixture.audit();
  expect(conduct.filter(({ code }) => code === 'unanswered')).toMatchObject([{ party: scene.a.party.party }]);
});

it('is opened about a grant as well, which names no access; what was stated by the institution is shown, too', async () => {
  const fresh = (await signIn(scene.context, scene.person, scene.a.handle)).session;
  await object({ about: { grant: scene.b.report }, items: ['repayment'] }, fresh);
  await scene.tell(scene.b.party, scene.b.handle, '/objections', { items: ['line'] });
  const found = (await readObjections(scene.context, scene.me)).filter(
    ({ institution }) => institution.zh === NAMES.bankB,
  );
  expect(found.map(({ own, access: line, reason }) => [own, line, reason]).sort()).toEqual([
    [false, null, null],
    [true, null, REASON],
  ]);
});
