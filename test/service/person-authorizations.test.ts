/** What a person reads of its own letters: at every institution, in words, from grants alone; and nothing of anyone else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signDecline } from '#client/device.ts';

import type { LetterId } from '#core/ids.ts';
import { declineLetter } from '#service/declines.ts';
import { acknowledge, readFeed } from '#service/feed.ts';
import { readAuthorizations } from '#service/person/authorizations.ts';
import { readConnected } from '#service/person/connected.ts';
import { readPropagation } from '#service/person/propagation.ts';
import { readRevokeAllPreview, readRevokePreview } from '#service/person/revoke-preview.ts';
import { calledBy, request, revoke } from '../support/actors.ts';
import { reader } from '../support/callers.ts';
import { expectRefusal } from '../support/failure.ts';
import { hold } from '../support/holds.ts';
import { checkLedger } from '../support/ledger-fixture.ts';
import { NAMES, openPersonScene, type PersonScene } from '../support/person-scene.ts';

const HOUR = 3_600_000;
const NOW = Date.now();
const SIGNED = NOW - 72 * HOUR;
const BOUND = NOW - 48 * HOUR;
let scene: PersonScene;
beforeAll(async () => {
  scene = await openPersonScene(SIGNED);
});
afterAll(async () => {
  await checkLedger(scene.fixture);
  await scene.fixture.close();
});

describe('my authorizations', () => {
  it('are listed by institution and letter, in the words of packs and registrations', async () => {
    const { frozen_at, institutions } = await readAuthorizations(scene.context, scene.me);
    expect(frozen_at).toBeNull();
    expect(institutions.map(({ name }) => name.zh)).toEqual([NAMES.bankB, NAMES.bankA].sort());
    const [letter] = institutions.find(({ name }) => name.zh === NAMES.bankA)?.letters ?? [];
    expect(letter).toMatchObject({
      letter: scene.a.letter.letter,
      title: { zh: '个人征信查询报送授权书' },
      asked_by: { zh: NAMES.bankA, en: 'Example Bank A Co., Ltd.' },
      status: 'signed',
      on_paper: false,
      text: 'kept',
      drafted_at: SIGNED,
    });
    const [query, report] = letter?.grants ?? [];
    expect(query).toMatchObject({
      action: 'QUERY',
      status: 'active',
      group: 'active',
      grade: 'B',
      doors: [{ zh: NAMES.bureau }],
      grantee: { zh: NAMES.bankA },
      from: SIGNED,
    });
    expect(query?.purposes.map(({ zh }) => zh)).toContain('贷后管理');
    // Between whom it is given shows once the line is granted.
    expect(report).toMatchObject({
      action: 'REPORT',
      grantee: null,
      candidates: [{ zh: NAMES.bankA }, { zh: NAMES.bankB }],
    });
  });

  it('say what is asked for and not signed yet, and what was declined', async () => {
    const waiting = await scene.draft(scene.a.party, scene.a.handle);
    const refused = await scene.draft(scene.b.party, scene.b.handle);
    const signed = await signDecline(scene.person.key, refused, scene.context.clock());
    await declineLetter(scene.context, request(), { letter: refused.letter, ...signed });
    const { institutions } = await readAuthorizations(scene.context, scene.me);
    const found = (letter: LetterId) =>
      institutions.flatMap(({ letters }) => letters).find((each) => each.letter === letter);
    expect(found(waiting.letter)).toMatchObject({
      status: 'requested',
      grants: [],
      asked: [{ action: 'QUERY' }, { action: 'REPORT' }],
    });
    expect(found(refused.letter)).toMatchObject({ status: 'declined', grants: [] });
  });

  it('are nobody else’s to see', async () => {
    const { institutions } = await readAuthorizations(scene.context, scene.them);
    expect(institutions.flatMap(({ letters }) => letters)).toEqual([]);
    const text = JSON.stringify(institutions);
    for (const id of [scene.a.handle, scene.b.handle, scene.a.query, scene.a.letter.letter])
      expect(text).not.toContain(id);
    await expectRefusal('grant_unknown', readRevokePreview(scene.context, scene.them, scene.a.query));
    await expectRefusal('grant_unknown', readPropagation(scene.context, scene.them, scene.a.query));
    const { databases } = await readConnected(scene.context, scene.them);
    expect(databases.filter(({ since }) => since !== null)).toEqual([]);
  });
});

describe('am I connected to the credit database', () => {
  it('0.25 since the first grant that stands, by which letter; and to none that nobody was given', async () => {
    const { databases } = await readConnected(scene.context, scene.me);
    const database = databases.find(({ name }) => name.zh === NAMES.bureau);
    expect(database).toMatchObject({ kind: 'database', since: SIGNED });
    const found = database?.connections.map(({ institution, action, letter }) => [institution.zh, action, letter]);
    expect(found?.sort()).toEqual([
      [NAMES.bankB, 'QUERY', scene.b.letter.letter],
      [NAMES.bankA, 'QUERY', scene.a.letter.letter],
    ]);
    expect(databases.filter(({ since }) => since === null).map(({ name }) => name.zh)).toContain('示例个人征信机构甲');
    // A tax authority's records are a database as well, and none of credit.
    expect(databases.map(({ name }) => name.zh)).not.toContain('示例税务部门涉税信息库');
  });

  it('0.19 by a report clause only from when it is settled whose it is', async () => {
    scene.setTime(BOUND);
    await scene.tell(scene.a.party, scene.a.handle, '/bindings', { grant: scene.a.report, party: scene.a.party.party });
    const { databases } = await readConnected(scene.context, scene.me);
    const report = databases.flatMap(({ connections }) => connections).filter(({ action }) => action === 'REPORT');
    expect(report).toMatchObject([{ since: BOUND, letter: scene.a.letter.letter, institution: { zh: NAMES.bankA } }]);
  });
});

describe('taking back', () => {
  it('0.23 is previewed in the words of the letter’s own template', async () => {
    const preview = await readRevokePreview(scene.context, scene.me, scene.a.query);
    expect(preview).toMatchObject({ from: 'template', can: true, also: [], open: 0, institution: { zh: NAMES.bankA } });
    expect(preview.words.closes?.zh).toContain('花呗关闭');
    expect(preview.words.stays.zh).toContain('此前的查询记录');
    expect(preview.words.instead?.zh).toContain('暂停');
    expect(preview.told.map(({ zh }) => zh)).toEqual([NAMES.bankA, NAMES.bureau]);
    const report = await readRevokePreview(scene.context, scene.me, scene.a.report);
    expect(report.words.before?.zh).toContain('还清');
    expect((await readRevokeAllPreview(scene.context, scene.me)).map(({ grant }) => grant.grant).sort()).toEqual(
      [scene.a.query, scene.a.report, scene.b.query, scene.b.report].sort(),
    );
  });

  it('spreads to who has to hear, by name, as each says that it has heard', async () => {
    expect(await readPropagation(scene.context, scene.me, scene.a.query)).toEqual({
      grant: scene.a.query,
      revoked_at: null,
      heard: [],
    });
    const revokedAt = Date.now();
    scene.setTime(revokedAt);
    await scene.ask(scene.a);
    expect((await readRevokePreview(scene.context, scene.me, scene.a.query)).open).toBe(1);
    await revoke(scene.context, scene.a.party, scene.person, scene.a.query);
    scene.setTime(revokedAt + 7_000);
    const { next } = await readFeed(scene.context, await reader(scene.context, scene.bureau), {
      after: null,
      limit: 100,
    });
    const body = { upto: next as number };
    await acknowledge(
      scene.context,
      await calledBy(scene.context, scene.bureau.party, '/v1/feed/acknowledgement', body),
      body,
    );
    const { revoked_at, heard } = await readPropagation(scene.context, scene.me, scene.a.query);
    expect(revoked_at).toBe(revokedAt);
    expect(heard).toMatchObject([
      { name: { zh: NAMES.bankA }, acknowledged_at: null, after_ms: null },
      { name: { zh: NAMES.bureau }, acknowledged_at: revokedAt + 7_000, after_ms: 7_000 },
    ]);
    const { institutions } = await readAuthorizations(scene.context, scene.me);
    const grants = institutions.flatMap(({ letters }) => letters.flatMap((letter) => letter.grants));
    expect(grants.find(({ grant }) => grant === scene.a.query)).toMatchObject({
      status: 'revoked',
      group: 'ended',
      revoked_at,
    });
    expect((await readRevokePreview(scene.context, scene.me, scene.a.query)).can).toBe(false);
    // What is left is the report clause of one bank, and the other bank's query.
    const { databases } = await readConnected(scene.context, scene.me);
    expect(databases.flatMap(({ connections }) => connections.map(({ action }) => action)).sort()).toEqual([
      'QUERY',
      'REPORT',
    ]);
  });

  it('leaves what is frozen frozen, and says so', async () => {
    scene.setTime(NOW + HOUR);
    await hold(scene.context, scene.b.party, scene.person, { handle: scene.b.handle, kind: 'freeze' });
    const { frozen_at, institutions } = await readAuthorizations(scene.context, scene.me);
    expect(frozen_at).toBe(NOW + HOUR);
    const statuses = institutions.flatMap(({ letters }) =>
      letters.flatMap(({ grants }) => grants.map(({ status }) => status)),
    );
    expect(new Set(statuses)).toEqual(new Set(['frozen', 'revoked']));
  });
});
