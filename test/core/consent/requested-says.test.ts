/** That an entry and the request that was signed for it say the same, field by field. */
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '#core/canonical.ts';
import { expectRequest } from '#core/consent/requested.ts';
import { isObject } from '#core/shape.ts';
import { partyStream, relationshipStream } from '#core/tlog/stream.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import {
  BUREAU,
  HANDLE,
  keysOfParty,
  LENDER,
  OTHER_LENDER,
  operatorOf,
  paperId,
  QUERY_GRANT,
  revoked,
  TODAY,
} from './paper-ledger.ts';
import {
  type Asked,
  binding,
  CASES,
  caseOf,
  entryOf,
  expected,
  FOREIGN,
  identity,
  LONG,
  letter,
  made,
  NEW,
  OPENED_HANDLE,
  requestOf,
  verify,
  verifyAnew,
  view,
} from './paper-requests.ts';

type Path = readonly (string | number)[];

/** Every place in a body: fields, items, fields of items. */
function placesOf(value: Json, at: Path = []): readonly Path[] {
  const inner: readonly (readonly [string | number, Json])[] = Array.isArray(value)
    ? value.map((each, n) => [n, each] as const)
    : isObject(value)
      ? Object.entries(value)
      : [];
  return inner.flatMap(([name, each]) => [[...at, name], ...placesOf(each, [...at, name])]);
}

function changedAt(value: Json, path: Path, change: (value: Json) => Json | undefined): Json {
  const [name, ...rest] = path;
  if (name === undefined) return change(value) as Json;
  if (Array.isArray(value)) {
    const next = value.map((each, n) => (n === name ? changedAt(each, rest, change) : each));
    return next.filter((each) => each !== undefined);
  }
  const made: [string, Json][] = Object.entries(value as JsonObject).map(([key, each]) => [
    key,
    key === name ? changedAt(each, rest, change) : each,
  ]);
  return Object.fromEntries(made.filter(([, each]) => each !== undefined));
}

/** Another value of the same kind. */
function another(value: Json): Json {
  if (typeof value === 'string') return value === 'CHANGED' ? 'AGAIN' : 'CHANGED';
  if (typeof value === 'number') return value + 1;
  if (value === null) return 'CHANGED';
  if (Array.isArray(value)) return [...value, ...(value.length > 0 ? value.slice(0, 1) : ['CHANGED'])];
  return isObject(value) ? {} : !value;
}

/** Proofs that come with what is asked: they are verified where they stand in the payload, and are no part of the entry. */
const PROOFS = ['possession', 'identification', 'identity_salt', 'signature'];

const places = CASES.flatMap((asked) =>
  placesOf(asked.body)
    .filter((path) => !PROOFS.includes(String(path.at(-1))))
    .map((path) => [`${asked.name}: ${path.join('.')}`, asked, path] as const),
);

describe('a request that said something else than its entry is found', () => {
  async function expectFound(asked: Asked, path: Path): Promise<void> {
    const other = changedAt(asked.body, path, another);
    expect(other).not.toEqual(asked.body);
    await expectRefusal('entry_invalid', verify(asked, { body: other }));
  }

  test.each(places)('%s', async (_name, asked, path) => {
    await expectFound(asked, path);
    // What is not there is null: where the entry says null, the caller may have left it out.
    const value = path.reduce<Json>((each, name) => (each as never)[name], asked.body);
    if (value === null) return;
    await expectRefusal('entry_invalid', verify(asked, { body: changedAt(asked.body, path, () => undefined) }));
  });

  test('also where an item comes at another place, or twice', async () => {
    for (const name of ['roles', 'keys']) {
      const asked = caseOf('party.registered');
      const list = asked.body[name] as readonly Json[];
      await expectRefusal('entry_invalid', verify(asked, { body: { ...asked.body, [name]: list.toReversed() } }));
      await expectRefusal('entry_invalid', verify(asked, { body: { ...asked.body, [name]: [...list, ...list] } }));
      await expectRefusal('entry_invalid', verify(asked, { body: { ...asked.body, [name]: list.slice(1) } }));
      await expectRefusal('entry_invalid', verify(asked, { body: { ...asked.body, [name]: { ...list } as never } }));
    }
    const asked = caseOf('access.decided');
    await expectRefusal(
      'entry_invalid',
      verify(asked, { body: { ...asked.body, items: (asked.body['items'] as Json[]).toReversed() } }),
    );
  });

  test('also where it is no JSON, no object, or empty', async () => {
    for (const asked of [caseOf('access.decided'), caseOf('party.suspended')]) {
      for (const body of ['{', '[]', '"x"', 'null', '1']) {
        await expectRefusal('entry_invalid', verify(asked, { body }));
      }
    }
    await expectRefusal('entry_invalid', verify(caseOf('access.decided'), { body: '{}' }));
  });
});

describe('an entry that says something else than was signed is found', () => {
  const rows: readonly (readonly [string, JsonObject])[] = [
    ['party.registered', { name: '另一' }],
    ['party.registered', { roles: ['bureau'] }],
    ['party.registered', { roles: ['bureau', 'platform', 'supervisor'] }],
    ['party.registered', { keys: [] }],
    ['party.registered', { keys: keysOfParty(NEW).map((key) => ({ ...key, key: LONG })) as unknown as Json }],
    ['party.registered', { keys: keysOfParty(NEW).map((key) => ({ ...key, duty: 'admin' })) as unknown as Json }],
    ['party.key_added for a new operator', { key: 'B'.repeat(43) }],
    ['party.key_added for a new operator', { duty: 'admin' }],
    ['party.key_retired', { key: 1 }],
    ['party.key_retired', { key: 9 }],
    ['party.key_compromised', { key: 1 }],
    ['party.key_compromised', { since: TODAY - 1 }],
    ['party.operator_left', { operator: operatorOf(LENDER, 'admin') }],
    ['relationship.opened', { grantee: OTHER_LENDER }],
    ['relationship.opened', { subject: 'firm' }],
    ['person.key_bound', { enrolled_by: OTHER_LENDER }],
    ['person.key_bound', { method: 'link' }],
    ['person.key_bound', { identified_by: BUREAU }],
    ['person.key_bound', { identified_at: TODAY + 1 }],
    ['person.key_ended', { brought_by: OTHER_LENDER }],
    ['person.key_ended', { identified_by: BUREAU }],
    ['person.key_ended', { signed_at: TODAY + 1 }],
    ['letter.drafted', { principal: OTHER_LENDER }],
    ['letter.drafted', { template: 'x' }],
    ['letter.drafted', { warnings: [] }],
    ['letter.drafted', { expires_at: TODAY }],
    ['letter.drafted', { grants: [] }],
    ['letter.drafted', { grants: letter.grants.map((terms) => ({ ...terms, to: TODAY })) as unknown as Json }],
    ['letter.drafted', { grants: letter.grants.map((terms) => ({ ...terms, more: 1 })) as unknown as Json }],
    ['letter.signed_on_paper', { given: [true, true] }],
    ['letter.signed_on_paper', { given: [false, true] }],
    ['letter.signed_on_paper', { declined_items: [[], []] }],
    ['letter.signed_on_paper', { declined_items: [['credit_report'], []] }],
    ['letter.signed_on_paper', { declined_items: [['credit_info'], ['credit_info']] }],
    ['letter.signed_on_paper', { signed_at: TODAY - 1 }],
    ['letter.signed_on_paper', { principal: OTHER_LENDER }],
    ['letter.signed_on_paper', { letter: paperId(9) }],
    ['letter.signed_on_paper', { scan: { digest: LONG, media_type: 'application/pdf', bytes: 184_211 } }],
    ['hold.drafted', { kind: 'resume' }],
    ['hold.drafted', { grant: null }],
    ['hold.drafted', { expires_at: TODAY }],
    ['finding.recorded', { principal: LENDER }],
    ['finding.lifted', { principal: LENDER }],
    ['grantee.bound', { party: OTHER_LENDER }],
    ['grantee.bound', { grant: QUERY_GRANT }],
    ['grantee.bound', { principal: OTHER_LENDER }],
    ['hold.drafted of another grant', { kind: 'narrow' }],
    ['hold.drafted of another grant', { terms: { ...made, to: TODAY } }],
    ['hold.drafted of another grant', { terms: { ...made, items: ['tax'] } }],
    ['access.decided', { principal: OTHER_LENDER }],
    ['access.decided', { action: 'STORE' }],
    ['access.decided', { purpose: 'post_loan' }],
    ['access.decided', { items: [] }],
    ['access.decided', { door: null }],
    ['access.decided', { ground: { grant: paperId(9) } }],
    ['access.decided', { ground: { basis: 'judicial', reference: false } }],
    ['access.decided', { bound: LONG }],
    ['access.decided on a basis', { ground: { basis: 'statutory_duty', reference: true } }],
    ['access.decided on a basis', { ground: { basis: 'judicial', reference: false } }],
    ['access.decided on a basis', { ground: { grant: QUERY_GRANT } }],
    ['access.refused', { bound: LONG }],
    ['access.redeemed', { permit: LONG }],
    ['access.redeemed', { access: paperId(9) }],
    ['access.settled', { access: paperId(9) }],
    ['access.settled', { result: 'nothing_found' }],
    ['access.settled', { reason: 'OTHER' }],
    ['access.settled', { items: ['credit_report'] }],
    ['access.settled', { count: 3 }],
    ['access.settled', { response: null }],
    ['access.settled', { began_at: TODAY - 1 }],
    ['access.settled', { ended_at: TODAY + 1 }],
    ['access.refused', { items: ['tax'] }],
    ['access.refused', { door: null }],
  ];

  test.each(rows)('%s: %j', async (name, change) => {
    const asked = caseOf(name);
    await expectRefusal('entry_invalid', verify(asked, {}, entryOf(asked, change)));
  });

  test('access.refused: a decision on a handle that was the caller’s own, in another’s stream', async () => {
    const asked = caseOf('access.decided');
    const elsewhere = { ...entryOf(asked), stream: relationshipStream(OPENED_HANDLE) };
    await expectRefusal('entry_invalid', verify(asked, {}, elsewhere));
  });

  test('in another stream: of another party, relationship or person', async () => {
    for (const name of ['party.key_retired', 'party.key_compromised', 'party.operator_left', 'party.suspended']) {
      const asked = caseOf(name);
      await expectRefusal('entry_invalid', verify(asked, {}, { ...entryOf(asked), stream: partyStream(OTHER_LENDER) }));
    }
    for (const name of ['letter.drafted', 'hold.drafted', 'access.decided']) {
      const asked = caseOf(name);
      await expectRefusal(
        'entry_invalid',
        verify(asked, {}, { ...entryOf(asked), stream: relationshipStream(OPENED_HANDLE) }),
      );
    }
    const asked = caseOf('person.key_bound');
    const moved = { ...asked, opened: { ...asked.opened, binding: { ...binding, handle: OPENED_HANDLE } } };
    const request = await requestOf(asked);
    await expectRefusal('entry_invalid', verifyAnew(expected(moved), request));
  });

  test('which the payload says: another text, key, handle, ground or reference than was signed', async () => {
    const { binding: bindingOf } = caseOf('person.key_bound').opened as { readonly binding: JsonObject };
    const { statement: endOf } = caseOf('person.key_ended').opened as { readonly statement: JsonObject };
    const rows: readonly (readonly [string, JsonObject])[] = [
      ['letter.drafted', { text: '另一' }],
      ['person.key_ended', { statement: { ...endOf, key: LONG } }],
      ['person.key_ended', { statement: { ...endOf, handle: OPENED_HANDLE } }],
      ['person.key_bound', { binding: { ...bindingOf, key: LONG } }],
      ['access.decided on a basis', { reference: 'EX-1890-2' }],
      ['letter.signed_on_paper', { scan_salt: LONG }],
      ['access.refused', { claimed: { handle: HANDLE, ground: { grant: QUERY_GRANT } } }],
      ['access.refused', { claimed: { handle: FOREIGN, ground: { grant: paperId(9) } } }],
      ['access.refused', { claimed: { handle: FOREIGN, ground: { basis: 'judicial', reference: null } } }],
    ];
    for (const [name, opened] of rows) {
      const asked = caseOf(name);
      const other = { ...asked, opened: { ...asked.opened, ...opened } };
      await expectRefusal('entry_invalid', verifyAnew(expected(other), await requestOf(asked)));
    }
  });

  test('of which a part is erased: the rest is still compared', async () => {
    for (const [name, change] of [
      ['letter.drafted', { template: 'x' }],
      ['letter.signed_on_paper', { signed_at: TODAY - 1 }],
      ['access.decided on a basis', { ground: { basis: 'statutory_duty', reference: 'EX-1890-1' } }],
      ['access.refused', { purpose: 'post_loan' }],
    ] as const) {
      const asked = caseOf(name);
      const erased = expected({ ...asked, opened: {} });
      await verifyAnew(erased, await requestOf(asked));
      const body = { ...asked.body, ...change };
      await expectRefusal('entry_invalid', verifyAnew(erased, await requestOf(asked, { body })));
    }
  });

  test('for another subject than was enrolled', async () => {
    const asked = caseOf('relationship.opened');
    for (const other of [
      { ...identity, name: '李示例' },
      { ...identity, phone: '1' },
      { ...identity, more: null },
    ]) {
      const request = await requestOf(asked);
      const wanted = expected({ ...asked, opened: { ...asked.opened, identity: other } });
      if ('more' in other) await verifyAnew(wanted, request);
      else await expectRefusal('entry_invalid', verifyAnew(wanted, request));
    }
    // Erased, it can't be compared any more; the rest still is.
    const erased = expected({ ...asked, opened: {} });
    await verifyAnew(erased, await requestOf(asked));
    await expectRefusal(
      'entry_invalid',
      verifyAnew(erased, await requestOf(asked, { body: { ...asked.body, subject: 'firm' } })),
    );
  });

  test('of a type that no request makes', () => {
    for (const type of [
      'log.opened',
      'letter.signed',
      'letter.declined',
      'grant.extended',
      'grant.narrowed',
      'grant.contested',
      'grant.affirmed',
      'grant.revoked',
      'grant.paused',
      'person.frozen',
      '__proto__',
      'toString',
    ]) {
      const entry = { ...entryOf(caseOf('party.suspended')), type, body: { by: [] } };
      expectFailure('entry_invalid', () => expectRequest(view, entry, {}));
    }
    expectFailure('entry_invalid', () =>
      expectRequest(view, { ...entryOf(caseOf('access.decided')), type: revoked().type }, {}),
    );
  });
});
