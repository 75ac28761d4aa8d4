/** A door before a real ledger: nothing passes without a permit that is good for just this, and what comes of it is told. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Admitted, Door, Turned } from '#client/door.ts';
import { parseBase64Url, toBase64Url, utf8 } from '#core/bytes.ts';
import { bindRequest, formatPermit, openPermit, type Permit } from '#core/consent/permit.ts';
import { PERMIT_MS } from '#core/consent/use.ts';
import type { AccessId } from '#core/ids.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { newParty, newPerson, revoke } from '../support/actors.ts';
import { type DoorScene, type Fetch, openDoorScene, RELEASED } from '../support/door-scene.ts';
import { checkLedger, random } from '../support/ledger-fixture.ts';
import { askPermit, grantOf, newQuery } from '../support/releases.ts';

let at: DoorScene;
let door: Door;
beforeAll(async () => {
  at = await openDoorScene();
});
afterEach(async () => {
  at.through = at.fetch;
  at.unsettled.length = 0;
  // No test leaves its permits out.
  at.setTime(at.now + PERMIT_MS);
  await checkLedger(at.fixture);
});
afterAll(() => at.close());

const open = async () => {
  door = await at.doorOf(at.scene.bureau);
};
const codeOf = (answer: Admitted | Turned) => (answer.admitted ? 'admitted' : answer.code);
const admitted = (answer: Admitted | Turned): Admitted => {
  if (!answer.admitted) throw new Error(`turned away: ${answer.code}`);
  return answer;
};
const said = async (access: AccessId) =>
  (await at.entriesOf(access)).map(({ type, body }) => [
    type,
    body['decision'] ?? body['result'],
    body['reason'] ?? body['codes'],
  ]);

describe('a door that asks', () => {
  beforeAll(open);

  it('admits with a good permit, once, and settles what was sent', async () => {
    const { access, permit } = await at.permit();
    const answer = admitted(await door.admit(at.asking(permit)));
    expect(answer.permit.access).toBe(access);
    at.setTime(at.now + 500);
    await answer.settle(RELEASED);
    await answer.settle({ ...RELEASED, result: 'failed', items: [], count: 0, body: null });
    await door.drain();
    expect(at.unsettled).toEqual([]);
    const [redeemed, settled, ...more] = await at.entriesOf(access);
    expect(more).toEqual([]);
    expect(redeemed).toMatchObject({ type: 'access.redeemed', body: { decision: 'allow', codes: [] } });
    expect(settled).toMatchObject({
      type: 'access.settled',
      body: {
        result: 'released',
        items: ['credit_report'],
        count: 1,
        response: bindRequest(parseBase64Url(answer.salt), RELEASED.body as Uint8Array),
        began_at: at.now - 500,
        ended_at: at.now,
        codes: [],
      },
    });
    expect(codeOf(await door.admit(at.asking(permit)))).toBe('permit_redeemed');
    expect((await said(access)).at(-1)).toEqual(['access.redeemed', 'deny', ['REDEEMED']]);
  });

  it('turns away who has none, or garbage, and the ledger hears nothing of it', async () => {
    const before = await at.size();
    expect(codeOf(await door.admit(at.asking(null)))).toBe('permit_required');
    for (const garbage of ['', 'garbage', 'a.b.c', 'x'.repeat(100_000), 'é.ü.ñ']) {
      expect(codeOf(await door.admit(at.asking(garbage)))).toBe('permit_invalid');
    }
    expect(await at.size()).toBe(before);
  });

  it('turns away another ledger’s permit, also one by a ledger that calls itself alike', async () => {
    const { permit } = await at.permit();
    const { issuingKey } = at.fixture.context;
    const { v: _v, ...opened } = await openPermit(permit, issuingKey.publicKey, nativeEd25519);
    const other = await nativeEd25519.importSeed(random(32));
    const before = await at.size();
    for (const made of [
      formatPermit(other, opened),
      formatPermit(issuingKey, { ...opened, log: 'other.example/log' }),
    ]) {
      expect(codeOf(await door.admit(at.asking(await made)))).toBe('permit_invalid');
    }
    expect(await at.size()).toBe(before);
  });

  it('turns away a permit that was widened by who has the ledger’s own key: the ledger never gave it', async () => {
    const { access, permit } = await at.permit();
    const { issuingKey } = at.fixture.context;
    const { v: _v, ...opened } = await openPermit(permit, issuingKey.publicKey, nativeEd25519);
    const wider: Omit<Permit, 'v'> = { ...opened, items: ['credit_info', 'credit_report'] };
    const made = await formatPermit(issuingKey, wider);
    expect(codeOf(await door.admit(at.asking(made, { items: ['credit_info'] })))).toBe('permit_invalid');
    expect(await said(access)).toEqual([]);
  });

  it('turns away another door’s permit, which the ledger writes down', async () => {
    const wrong = await newParty(at.fixture.context, 'bureau');
    const { access, permit } = await at.permit();
    const other = await at.doorOf(wrong);
    expect(codeOf(await other.admit(at.asking(permit)))).toBe('permit_door');
    expect(await said(access)).toEqual([['access.redeemed', 'deny', ['DOOR']]]);
    expect(codeOf(await door.admit(at.asking(permit)))).toBe('admitted');
  });

  it.each<[string, (scene: DoorScene) => Promise<Parameters<DoorScene['asking']>[1]>, string, string]>([
    [
      'another person',
      async () => ({ subject: { id_type: 'resident_id', id_number: (await newPerson()).idNumber } }),
      'permit_subject',
      'SUBJECT',
    ],
    ['nobody in particular', async () => ({ subject: null }), 'permit_subject', 'SUBJECT'],
    [
      'the same number on another document',
      async ({ scene }) => ({ subject: { id_type: 'passport', id_number: scene.person.idNumber } }),
      'permit_subject',
      'SUBJECT',
    ],
    ['more items', async () => ({ items: ['credit_report', 'credit_info'] }), 'permit_scope', 'SCOPE'],
    ['other items', async () => ({ items: ['tax'] }), 'permit_scope', 'SCOPE'],
    ['no items', async () => ({ items: [] }), 'permit_scope', 'SCOPE'],
  ])(
    'turns away who asks for %s, settles that as refused, and uses nothing up',
    async (_what, change, code, reason) => {
      const asked = await newQuery(at.fixture.context, at.scene, { uses_max: 1 });
      const { access, permit } = await askPermit(at.fixture.context, asked);
      expect(codeOf(await door.admit(at.asking(permit, await change(at))))).toBe(code);
      expect(await said(access)).toEqual([['access.settled', 'refused', reason]]);
      // That permit is spoiled, and the use it reserved is free.
      expect(codeOf(await door.admit(at.asking(permit)))).toBe('permit_redeemed');
      expect((await askPermit(at.fixture.context, asked)).decision).toBe('allow');
      expect(at.unsettled).toEqual([]);
    },
  );

  it('finds the person however the number is written', async () => {
    const { permit } = await at.permit();
    const number = ` ${[...at.scene.person.idNumber].join(' ')} `;
    expect(
      codeOf(await door.admit(at.asking(permit, { subject: { id_type: 'resident_id', id_number: number } }))),
    ).toBe('admitted');
  });

  it('takes a bound permit with just the request that it was given for', async () => {
    const salt = random(32);
    const body = utf8('{"id_number":"…"}');
    const asked = { bound: bindRequest(salt, body) };
    const good = { body, salt: toBase64Url(salt) };
    for (const change of [
      { ...good, body: utf8('{"id_number":"… "}') },
      { ...good, salt: toBase64Url(random(32)) },
      { ...good, salt: null },
      { ...good, salt: 'é' },
      { ...good, salt: '' },
    ]) {
      const { access, permit } = await at.permit(asked);
      expect(codeOf(await door.admit(at.asking(permit, change)))).toBe('permit_request');
      expect(await said(access)).toEqual([['access.settled', 'refused', 'REQUEST']]);
    }
    const { permit } = await at.permit(asked);
    expect(codeOf(await door.admit(at.asking(permit, good)))).toBe('admitted');
  });

  it('turns away what has lapsed', async () => {
    const { access, permit } = await at.permit();
    at.setTime(at.now + PERMIT_MS);
    expect(codeOf(await door.admit(at.asking(permit)))).toBe('permit_lapsed');
    expect(await said(access)).toEqual([['access.redeemed', 'deny', ['LAPSED']]]);
  });

  it('turns away what was taken back meanwhile, and says for what', async () => {
    const asked = await newQuery(at.fixture.context, at.scene);
    const { access, permit } = await askPermit(at.fixture.context, asked);
    await revoke(at.fixture.context, at.scene.lender, at.scene.person, grantOf(asked));
    expect(await door.admit(at.asking(permit))).toEqual({ admitted: false, code: 'permit_denied', codes: ['REVOKED'] });
    expect(await said(access)).toEqual([['access.redeemed', 'deny', ['REVOKED']]]);
  });

  it('admits one of many that show the same permit at the same time', async () => {
    const { permit } = await at.permit();
    const all = await Promise.all(Array.from({ length: 20 }, () => door.admit(at.asking(permit))));
    expect(all.filter((each) => each.admitted)).toHaveLength(1);
    for (const each of all) if (!each.admitted) expect(each.code).toBe('permit_redeemed');
  });

  it('never lets who shows a permit wrongly undo its use while it is at work', async () => {
    const asked = await newQuery(at.fixture.context, at.scene, { uses_max: 1 });
    const { access, permit } = await askPermit(at.fixture.context, asked);
    const answer = admitted(await door.admit(at.asking(permit)));
    expect(codeOf(await door.admit(at.asking(permit, { items: ['tax'] })))).toBe('permit_scope');
    expect((await askPermit(at.fixture.context, asked)).codes).toEqual(['QUOTA']);
    await answer.settle(RELEASED);
    expect(await said(access)).toEqual([
      ['access.redeemed', 'allow', []],
      ['access.settled', 'released', []],
    ]);
    expect((await askPermit(at.fixture.context, asked)).codes).toEqual(['QUOTA']);
    expect(at.unsettled).toEqual([]);
  });

  it('nor both at the same time, whichever comes first', async () => {
    const asked = await newQuery(at.fixture.context, at.scene, { uses_max: 1 });
    for (const goodFirst of [true, false]) {
      const { permit } = await askPermit(at.fixture.context, asked);
      const shown = [at.asking(permit), at.asking(permit, { items: ['tax'] })];
      const [one, two] = await Promise.all((goodFirst ? shown : shown.reverse()).map((each) => door.admit(each)));
      const good = (goodFirst ? one : two) as Admitted | Turned;
      const { codes } = await askPermit(at.fixture.context, { ...asked, items: ['credit_info'] });
      // Whoever holds data has used the grant.
      expect([goodFirst, good.admitted, codes]).toEqual([goodFirst, good.admitted, good.admitted ? ['QUOTA'] : []]);
      if (good.admitted) await good.settle({ ...RELEASED, result: 'failed', items: [], count: 0, body: null });
      at.setTime(at.now + PERMIT_MS);
    }
  });

  it('is never settled by what could not be told, and says what stays overdue', async () => {
    const { access, permit } = await at.permit();
    const answer = admitted(await door.admit(at.asking(permit)));
    at.through = () => Promise.reject(new Error('gone'));
    await answer.settle(RELEASED);
    expect(at.unsettled.map((each) => each.access)).toEqual([access]);
    expect(await said(access)).toEqual([['access.redeemed', 'allow', []]]);
  });
});

/** Ways in which a ledger does not answer, or somebody else does (I10). */
const SILENCES: readonly [string, (url: string) => Promise<unknown>][] = [
  ['can’t be reached', () => Promise.reject(new TypeError('fetch failed'))],
  ['does not answer in time', () => Promise.reject(new DOMException('timed out', 'TimeoutError'))],
  ['answers 503', async () => answerOf(503, '{"code":"store_unavailable"}')],
  ['answers 500 without a problem', async () => answerOf(500, '<html>')],
  ['answers 429', async () => answerOf(429, '')],
  ['answers 401, for the door’s own key has ended', async () => answerOf(401, '{}')],
  ['answers 302', async () => answerOf(302, '')],
  ['answers 200 with a page', async () => answerOf(200, '<html>welcome</html>')],
  ['answers 201 with nothing', async () => answerOf(201, '')],
  ['answers 201 with another’s JSON', async () => answerOf(201, '{"decision":"allow"}')],
  ['breaks off', async () => ({ ...answerOf(201, ''), text: () => Promise.reject(new Error('aborted')) })],
];

function answerOf(status: number, text: string) {
  return { ok: status < 300, status, headers: new Headers(), text: async () => text };
}

describe('where the ledger', () => {
  beforeAll(open);

  it.each(SILENCES)('%s, nobody is admitted', async (_what, silence) => {
    const { access, permit } = await at.permit();
    const before = await at.size();
    at.through = silence as Fetch;
    const answer = await door.admit(at.asking(permit));
    expect(codeOf(answer)).toBe('ledger_unreachable');
    at.through = at.fetch;
    expect(await at.size()).toBe(before);
    // The permit is still good, once there is an answer.
    expect(codeOf(await door.admit(at.asking(permit)))).toBe('admitted');
    expect(await said(access)).toEqual([['access.redeemed', 'allow', []]]);
  });

  it('answers, but the answer is lost on the way, the same request is sent again and nothing happens twice', async () => {
    const { access, permit } = await at.permit();
    let lost = 0;
    at.through = async (url, init) => {
      const answer = await at.fetch(url, init);
      if (lost++ < 3) throw new Error('lost');
      return answer;
    };
    expect(codeOf(await door.admit(at.asking(permit)))).toBe('admitted');
    expect(lost).toBe(4);
    expect(await said(access)).toEqual([['access.redeemed', 'allow', []]]);
  });
});

describe('a door that verifies without asking', () => {
  let asked: Awaited<ReturnType<typeof newQuery>>;
  let offline: Door;
  let calls = 0;
  beforeAll(async () => {
    asked = await newQuery(at.fixture.context, at.scene, { staleness_ms: 60_000 });
    offline = await at.doorOf(at.scene.bureau, { offline: true });
  });
  const counted: Fetch = (url, init) => {
    calls++;
    return at.fetch(url, init);
  };

  it('takes a permit that allows it, once, and settles', async () => {
    const { access, permit } = await askPermit(at.fixture.context, asked);
    at.through = counted;
    calls = 0;
    const answer = admitted(await offline.admit(at.asking(permit)));
    expect(codeOf(await offline.admit(at.asking(permit)))).toBe('permit_redeemed');
    expect(calls).toBe(0);
    await answer.settle(RELEASED);
    expect(calls).toBe(1);
    expect(await said(access)).toEqual([['access.settled', 'released', []]]);
  });

  it('takes it while the ledger is away, until the instant at which it lapses', async () => {
    const { permit } = await askPermit(at.fixture.context, asked);
    const { permit: late } = await askPermit(at.fixture.context, { ...asked, items: ['credit_info'] });
    at.through = () => Promise.reject(new Error('gone'));
    at.setTime(at.now + 59_999);
    expect(codeOf(await offline.admit(at.asking(permit)))).toBe('admitted');
    at.setTime(at.now + 1);
    expect(codeOf(await offline.admit(at.asking(late, { items: ['credit_info'] })))).toBe('permit_lapsed');
  });

  it('asks for every other permit, and turns it away where it can’t', async () => {
    const { permit } = await at.permit();
    at.through = () => Promise.reject(new Error('gone'));
    expect(codeOf(await offline.admit(at.asking(permit)))).toBe('ledger_unreachable');
  });

  it('takes no permit of another door, nor one that it has refused before', async () => {
    const { access, permit } = await askPermit(at.fixture.context, asked);
    const wrong = await at.doorOf(await newParty(at.fixture.context, 'bureau'), { offline: true });
    expect(codeOf(await wrong.admit(at.asking(permit)))).toBe('permit_door');
    expect(codeOf(await offline.admit(at.asking(permit, { items: ['tax'] })))).toBe('permit_scope');
    // That gave the use back: what is taken after it would be a use that nobody counts.
    expect(codeOf(await offline.admit(at.asking(permit)))).toBe('permit_redeemed');
    expect(await said(access)).toEqual([
      ['access.redeemed', 'deny', ['DOOR', 'REDEEMED']],
      ['access.settled', 'refused', 'SCOPE'],
    ]);
  });

  it('is the only one that can: who always asks is told that such a permit is taken', async () => {
    const { permit } = await askPermit(at.fixture.context, asked);
    const asking = await at.doorOf(at.scene.bureau, { offline: false });
    expect(codeOf(await asking.admit(at.asking(permit)))).toBe('permit_redeemed');
  });
});
