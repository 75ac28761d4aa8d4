/** What parties did, by the audit: with the doors' own lists the liar's releases are named, and nothing of the honest one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERMIT_MS, SETTLE_WITHIN_MS } from '#core/consent/use.ts';
import type { AccessId } from '#core/ids.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { auditLedger } from '#ledger/audit.ts';
import { checkConduct, type DoorList, type ListedRelease } from '#ledger/conduct.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { newParty, type Party, signedScene } from '../support/actors.ts';
import { type Fixture, openFixture } from '../support/ledger-fixture.ts';
import { askPermit, newQuery, present, type Scene, settleAs } from '../support/releases.ts';

describe('two doors, of which one lies', () => {
  let fixture: Fixture;
  let scene: Scene;
  let honest: Party;
  let liar: Party;
  let now = Date.UTC(2026, 10, 21);
  const lists = { honest: [] as ListedRelease[], liar: [] as ListedRelease[] };
  /** Where the liar's settlements stand. */
  const indexes: Record<string, number> = {};

  /** A permit at a door, taken and settled; what is sent then the door itself knows. */
  async function release(door: Party, change: { items?: string[]; count?: number; settle?: boolean } = {}) {
    const { context } = fixture;
    const asked = await newQuery(context, scene, { sources: [door.party] });
    const answer = await askPermit(context, { ...asked, door: door.party });
    expect((await present(context, door, answer)).decision).toBe('allow');
    const { items = ['credit_report'], count = 1, settle = true } = change;
    const settled = settle ? await settleAs(context, door, answer.access, 'released', { items, count }) : undefined;
    now += 1_000;
    fixture.setTime(now);
    return { access: answer.access, index: settled?.entry.index ?? -1 };
  }

  beforeAll(async () => {
    fixture = await openFixture('postgres', { time: now });
    const { context } = fixture;
    scene = await signedScene(context);
    honest = scene.bureau;
    liar = await newParty(context, 'bureau', '示例骗子');
    for (let n = 0; n < 3; n++) {
      const { access } = await release(honest);
      lists.honest.push({ access, items: ['credit_report'], count: 1 });
      lists.liar.push({ access: (await release(liar)).access, items: ['credit_report'], count: 1 });
    }
    // Without any permit, under a made-up one, and under the other's.
    lists.liar.push({ access: null, items: ['credit_report'], count: 1 });
    lists.liar.push({ access: '0'.repeat(32) as AccessId, items: ['credit_report'], count: 1 });
    lists.liar.push({ access: lists.honest[0]?.access as AccessId, items: ['credit_report'], count: 1 });
    // More than it settled: more records, other items, and the same again under one permit.
    const more = await release(liar);
    lists.liar.push({ access: more.access, items: ['credit_report'], count: 2 });
    const wider = await release(liar);
    lists.liar.push({ access: wider.access, items: ['credit_report', 'tax'], count: 1 });
    const twice = await release(liar);
    for (let n = 0; n < 2; n++) lists.liar.push({ access: twice.access, items: ['credit_report'], count: 1 });
    // Settled as if it were released.
    const never = await release(liar);
    // By its own word more than permitted, and one that it keeps quiet about.
    const scope = await release(liar, { items: ['credit_report', 'tax'] });
    lists.liar.push({ access: scope.access, items: ['credit_report', 'tax'], count: 1 });
    const silent = await release(liar, { settle: false });
    lists.liar.push({ access: silent.access, items: ['credit_report'], count: 1 });
    Object.assign(indexes, {
      more: more.index,
      wider: wider.index,
      twice: twice.index,
      never: never.index,
      scope: scope.index,
    });
    now += PERMIT_MS + SETTLE_WITHIN_MS;
    fixture.setTime(now);
    await askPermit(context, scene.reportAccess);
  }, 120_000);
  afterAll(() => fixture.close());

  const audit = (given: readonly DoorList[]) =>
    fixture.store.read((tx) =>
      auditLedger(tx, {
        vkey: fixture.vkey,
        vault: fixture.context.vault,
        ed25519: nativeEd25519,
        p256: nativeP256,
        entrySignatures: true,
        lists: given,
      }),
    );

  it('without lists are told apart only by what the ledger itself shows', async () => {
    const report = await audit([]);
    expect(report.holds).toBe(true);
    expect(report.conduct.map(({ code, party }) => [code, party])).toEqual([
      ['scope', liar.party],
      ['unsettled', liar.party],
    ]);
  });

  it('with their own lists each release of the liar is named, of both kinds, and nothing of the honest one', async () => {
    const report = await audit([
      { door: honest.party, releases: lists.honest },
      { door: liar.party, releases: lists.liar },
    ]);
    expect(report.holds).toBe(true);
    expect(report.findings).toEqual([]);
    expect(report.conduct.filter(({ party }) => party !== liar.party)).toEqual([]);
    const named = (code: string) =>
      report.conduct
        .filter((each) => each.code === code)
        .map(({ index }) => index)
        .sort();
    expect(named('unpermitted')).toEqual([null, null, null, null]);
    expect(named('understated')).toEqual([indexes['more'], indexes['wider'], indexes['twice']].sort());
    expect(named('unlisted')).toEqual([indexes['never']]);
    expect(named('scope')).toEqual([indexes['scope']]);
    expect(named('unsettled')).toHaveLength(1);
    for (const { message } of report.conduct) expect(message).not.toMatch(/[0-9a-f]{32}/);
  });

  it('of which the honest one keeps no list say so of nobody else', async () => {
    const report = await audit([{ door: honest.party, releases: [] }]);
    const own = report.conduct.filter(({ party }) => party === honest.party);
    expect(own.map(({ code }) => code)).toEqual(['unlisted', 'unlisted', 'unlisted']);
  });
});

describe('the check of conduct', () => {
  it('says nothing of a ledger in which nothing was released', () => {
    expect(checkConduct().list(Date.now(), [])).toEqual([]);
  });

  it('names what a source released while it was compromised, by its own word, and nothing before, after, or of another', () => {
    const conduct = checkConduct();
    const [door, other] = ['1', '2'].map((digit) => digit.repeat(32));
    let index = 0;
    const settled = (at: number, party = door, result = 'released') =>
      conduct.note(
        {
          type: 'access.settled',
          time: at,
          stream: `rel/${'0'.repeat(32)}`,
          body: { access: String(index), door: party, items: ['line'], count: 1, result, codes: [] },
        } as unknown as Entry,
        index++,
      );
    settled(9);
    settled(10);
    settled(19, door, 'nothing_found');
    settled(19, other);
    settled(19);
    const suspension = { from: 20, to: null, compromised_since: 10 };
    const said = { type: 'party.self_suspended', time: 20, stream: `party/${door}`, body: suspension };
    conduct.note(said as unknown as Entry, index++);
    settled(20);
    expect(conduct.list(30, []).map((each) => [each.code, each.index, each.party])).toEqual([
      ['compromised', 1, door],
      ['compromised', 4, door],
    ]);
  });
});
