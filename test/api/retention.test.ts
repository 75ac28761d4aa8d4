/** The due list over HTTP: of whom it tells whom, and what, by the shipped law; and that nothing is gone by it. */
import { afterEach, describe, expect, it } from 'vitest';
import { subjectSignatory } from '#client/sign.ts';
import { ask, enrolPerson, newParty } from '../support/actors.ts';
import { at, type Court, openCourt } from '../support/court.ts';
import { adminsOf, type Door, expectProblem, signersOf } from './door.ts';

let court: Court;
afterEach(() => court.close());

async function listed(as: Door, query = '') {
  const answer = await as.get(`/v1/retention${query}`);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.json;
}
const asLender = () => court.door.as(signersOf(court.lender));

interface Listed {
  readonly stream: string;
  readonly classes: readonly { readonly class: string; readonly due: number; readonly kept_until: number | null }[];
}
const ofClass = ({ items }: { items: readonly Listed[] }, name: string, stream = `rel/${court.handle}`) =>
  items.find((item) => item.stream === stream)?.classes.find((each) => each.class === name);

describe('the due list', () => {
  it('says by which rules, with their articles, and what each class is kept until', async () => {
    court = await openCourt({ time: '2024-05-01T10:00:00' });
    const [grant] = await court.give([{}]);
    court.setTime('2024-06-01T10:00:00');
    await court.ask({ ground: { grant }, stated: { reason: '02' } });
    const { rules, items, next, as_of } = await listed(asLender());
    expect([as_of, next]).toEqual([at('2024-06-01T10:00:00'), null]);
    expect(rules.map(({ id }: { id: string }) => id)).not.toContain('decisions-zhejiang');
    expect(rules.find(({ id }: { id: string }) => id === 'adverse-items')).toMatchObject({
      covers: 'adverse_items',
      limit: 'at_most',
      law: [{ doc: 'credit-regulation', art: '16', title: { zh: '征信业管理条例' } }],
      evidence: 'V',
    });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ ended_at: null, disputed: false });
    expect(ofClass({ items }, 'letters')).toMatchObject({ due: 0, kept_until: null });
    // Three years from the decision (PIPL 56), its last day whole, and not moved by the Saturday that it is asked on.
    expect(ofClass({ items }, 'decisions')).toMatchObject({ due: 0, kept_until: at('2027-06-02T00:00:00') });
  });

  it('goes on with time: decisions are due first, letters five years from the end, and nothing is gone', async () => {
    court = await openCourt({ time: '2019-05-01T10:00:00' });
    const [grant] = await court.give([{}]);
    court.setTime('2019-05-02T10:00:00');
    await court.ask({ ground: { grant }, stated: { reason: '02' } });
    await court.tell('/attestations/item', {
      item: 'adverse',
      ended_on: '2017-03-01',
      determined_on: null,
      region: null,
    });
    court.setTime('2020-01-01T10:00:00');
    await court.revoke(grant as never);
    court.setTime('2022-05-02T23:59:00');
    expect(ofClass(await listed(asLender()), 'decisions')).toMatchObject({ due: 0 });
    expect(ofClass(await listed(asLender()), 'adverse_items')).toMatchObject({ due: 1 });
    court.setTime('2022-05-03T00:00:00');
    expect(ofClass(await listed(asLender()), 'decisions')).toMatchObject({ count: 1, due: 1 });
    expect(ofClass(await listed(asLender()), 'letters')).toMatchObject({
      due: 0,
      kept_until: at('2025-01-02T00:00:00'),
    });
    const entries = await court.door.size();
    court.setTime('2025-01-02T00:00:00');
    const { items } = await listed(asLender(), '?due=true');
    expect(items[0].classes.map((each: { class: string }) => each.class)).toEqual([
      'letters',
      'decisions',
      'adverse_items',
    ]);
    expect(ofClass({ items }, 'letters')?.due).toBeGreaterThan(3);
    expect(await court.door.size()).toBe(entries);
  });

  it('is longer while a profile is on that says so', async () => {
    court = await openCourt({ time: '2024-05-01T10:00:00' });
    const [grant] = await court.give([{}]);
    await court.ask({ ground: { grant }, stated: { reason: '02' } });
    await court.keeper('/v1/profiles/zhejiang', { on: true });
    expect(ofClass(await listed(asLender()), 'decisions')).toMatchObject({
      kept_until: at('2034-05-02T00:00:00'),
      by: ['decisions-zhejiang'],
    });
  });

  it('has nothing that is due while an objection is open', async () => {
    court = await openCourt({ time: '2020-05-06T10:00:00' });
    const [grant] = await court.give([{}]);
    await court.ask({ ground: { grant }, stated: { reason: '02' } });
    court.setTime('2024-05-07T10:00:00');
    expect(ofClass(await listed(asLender()), 'decisions')?.due).toBe(1);
    const { fact } = await court.tell('/objections', { items: ['credit_report'] });
    const disputed = await listed(asLender());
    expect(disputed.items[0]).toMatchObject({ disputed: true, ended_at: null });
    expect(ofClass(disputed, 'decisions')).toMatchObject({ due: 0, kept_until: null });
    expect(ofClass(disputed, 'objections')).toMatchObject({ count: 1, due: 0, kept_until: null });
    await court.tell(`/objections/${fact}/answer`, { answer: 'confirmed' });
    expect(ofClass(await listed(asLender()), 'decisions')?.due).toBe(1);
    expect(ofClass(await listed(asLender()), 'objections')).toMatchObject({ kept_until: at('2027-05-08T00:00:00') });
  });
});

describe('of whom the due list tells', () => {
  const streams = async (as: Door) => (await listed(as)).items.map(({ stream }: Listed) => stream).sort();

  it('is each its own, the keeper and a supervisor all, and nobody without a signature', async () => {
    court = await openCourt({ time: '2024-05-01T10:00:00' });
    const { context } = court.fixture;
    const other = await newParty(context, 'grantee');
    const supervisor = await newParty(context, 'supervisor');
    const elsewhere = await enrolPerson(context, other, court.person);
    const someone = await enrolPerson(context, other, await court.otherPerson());
    const [own, ...others] = [court.handle, elsewhere, someone].map((handle) => `rel/${handle}`) as [
      string,
      string,
      string,
    ];
    await ask(context, { ...court.access({ principal: other.party, ground: { grant: '0'.repeat(32) } }) } as never);
    const refused = `refused/${other.party}`;
    expect(await streams(asLender())).toEqual([own]);
    expect(await streams(court.door.as(adminsOf(court.lender)))).toEqual([own]);
    expect(await streams(court.door.as(signersOf(other)))).toEqual([refused, ...others].sort());
    expect(await streams(court.door.as(signersOf(court.bureau)))).toEqual([]);
    const subject = [subjectSignatory(court.handle, court.person.key)];
    expect(await streams(court.door.as(subject))).toEqual([own, others[0]].sort());
    for (const all of [court.door.asKeeper(), court.door.as(signersOf(supervisor))]) {
      expect(await streams(all)).toEqual([own, ...others, refused].sort());
    }
    expectProblem(await court.door.get('/v1/retention'), 401, 'signature_required');
  });

  it('is said in pages, each stream once', async () => {
    court = await openCourt({ time: '2024-05-01T10:00:00' });
    const { context } = court.fixture;
    const lender = await newParty(context, 'grantee');
    const handles = new Set<string>();
    for (let n = 0; n < 52; n++) handles.add(`rel/${await enrolPerson(context, lender, await court.otherPerson())}`);
    const as = court.door.as(signersOf(lender));
    const first = await listed(as);
    expect([first.items.length, first.next]).toEqual([50, first.items.at(-1).stream]);
    const second = await listed(as, `?after=${first.next}`);
    expect([second.items.length, second.next]).toEqual([2, null]);
    expect(new Set([...first.items, ...second.items].map(({ stream }: Listed) => stream))).toEqual(handles);
    expect((await listed(as, '?due=true')).items).toEqual([]);
    for (const query of ['?after=party/x', '?after=', '?due=yes', '?due=false', '?other=1']) {
      expectProblem(await as.get(`/v1/retention${query}`), 400, 'input_invalid');
    }
  });

  it('is everything kept, where no pack says how long', async () => {
    court = await openCourt({ time: '2024-05-01T10:00:00' });
    await court.keeper('/v1/packs/pboc/withdrawal', {});
    await court.keeper('/v1/packs/cn-credit/withdrawal', {});
    court.setTime('2124-05-01T10:00:00');
    const { rules, items } = await listed(asLender());
    expect(rules).toEqual([]);
    expect(ofClass({ items }, 'letters')).toMatchObject({ due: 0, kept_until: null, by: [] });
  });
});
