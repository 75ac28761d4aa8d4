/** Who saw a person's identity details, as the person reads it: by whom, what and why; in the window, the newest first, its own only. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { IdentityField, ViewReason } from '#core/consent/identity-view.ts';
import { letterCapability } from '#service/capabilities.ts';
import { viewIdentity } from '#service/identity-views.ts';
import { viewByLink } from '#service/letter-link.ts';
import { readIdentityLooks } from '#service/person/identity-looks.ts';
import { readLooks } from '#service/person/looks.ts';
import { calledBy, DAY_MS, request } from '../support/actors.ts';
import { checkLedger, UPPER_DATABASES } from '../support/ledger-fixture.ts';
import { type Bank, NAMES, openPersonScene, type PersonScene } from '../support/person-scene.ts';

const NOW = Date.now();
const ago = (days: number) => NOW - days * DAY_MS;
const MANY = 100;

describe.each(UPPER_DATABASES)('who saw identity details on %s', (database) => {
  let scene: PersonScene;
  const read = (window: '1m' | '2y' = '2y', countMax = MANY) =>
    readIdentityLooks(scene.context, scene.me, { window, countMax });

  async function view(
    { party, handle }: Pick<Bank, 'party' | 'handle'>,
    fields: readonly IdentityField[],
    why: ViewReason,
  ) {
    const look = { principal: party.party, fields, why };
    const path = `/v1/relationships/${handle}/identity-views`;
    return viewIdentity(scene.context, await calledBy(scene.context, party.party, path, look), { handle, ...look });
  }

  beforeAll(async () => {
    scene = await openPersonScene(ago(760), database, inject('postgresUrl'));
    await view(scene.a, ['name'], 'serve_subject');
    scene.setTime(ago(400));
    await view(scene.a, ['id_number', 'name', 'phone'], 'verify_paper');
    scene.setTime(ago(20));
  });
  afterAll(async () => {
    await checkLedger(scene.fixture);
    await scene.fixture.close();
  });

  it('says who, what and why; by a letter’s link, whose letter it was, and names nobody', async () => {
    const byDesk = await view(scene.b, ['phone'], 'answer_objection');
    const byLink = await viewByLink(scene.context, request(), letterCapability(scene.context, scene.a.letter.letter));
    const { views, complete } = await read();
    expect(complete).toBe(true);
    expect(views).toEqual([
      {
        index: byLink.index,
        time: ago(20),
        institution: { zh: NAMES.bankA, en: 'Example Bank A Co., Ltd.' },
        operators: [],
        fields: null,
        why: null,
      },
      {
        index: byDesk.entry.index,
        time: ago(20),
        institution: expect.objectContaining({ zh: NAMES.bankB }),
        operators: [expect.stringMatching(/^[0-9a-f]{32}$/)],
        fields: ['phone'],
        why: 'answer_objection',
      },
      expect.objectContaining({ time: ago(400), fields: ['id_number', 'name', 'phone'], why: 'verify_paper' }),
    ]);
  });

  it('has those of a month, or of two years, and none from before', async () => {
    const [month, years] = [await read('1m'), await read('2y')];
    expect(month.views.map(({ time }) => time)).toEqual([ago(20), ago(20)]);
    expect(years.views).toEqual([...month.views, expect.objectContaining({ time: ago(400) })]);
  });

  it('has the newest that were asked for, and says whether there are more', async () => {
    const all = (await read()).views;
    for (let countMax = 1; countMax <= all.length + 1; countMax++) {
      expect(await read('2y', countMax)).toEqual({
        views: all.slice(0, countMax),
        complete: countMax >= all.length,
      });
    }
  });

  it('has nothing of one person for another, and is no access', async () => {
    const their = await view({ party: scene.a.party, handle: scene.otherHandle }, ['name'], 'law');
    const theirs = await readIdentityLooks(scene.context, scene.them, { window: '2y', countMax: MANY });
    expect(theirs.views).toMatchObject([{ index: their.entry.index, why: 'law' }]);
    expect((await read()).views.map(({ index }) => index)).not.toContain(their.entry.index);
    expect((await readLooks(scene.context, scene.them, { window: '2y', after: null })).looks).toEqual([]);
  });
});
