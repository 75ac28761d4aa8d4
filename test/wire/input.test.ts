import { describe, expect, test } from 'vitest';
import { ITEMS_MAX } from '#core/consent/terms.ts';
import { Failure } from '#core/failure.ts';
import { accessParams, askAccessSchema } from '#wire/accesses.ts';
import { EXAMPLE } from '#wire/common.ts';
import { INPUT_ERRORS_MAX, type InputError, inputErrorsOf, parseInput } from '#wire/input.ts';
import { draftLetterSchema, LETTER_TEXT_MAX, signLetterSchema } from '#wire/letters.ts';
import { consistencyQuery, inclusionQuery } from '#wire/log.ts';
import { registerPartySchema } from '#wire/parties.ts';
import { bindKeySchema, enrolSchema } from '#wire/relationships.ts';

const access = {
  principal: EXAMPLE.party,
  handle: EXAMPLE.handle,
  ground: { grant: EXAMPLE.grant },
  action: 'QUERY',
  purpose: 'loan_apply',
  items: ['credit_report'],
  door: EXAMPLE.source,
  bound: null,
};
const terms = {
  action: 'QUERY',
  purposes: ['loan_apply'],
  items: ['credit_report'],
  sources: [EXAMPLE.source],
  recipients: [],
  from: null,
  to: EXAMPLE.time,
  basis: 'consent',
  necessity: 'optional',
  uses_max: null,
  frequency: null,
  staleness_ms: null,
};
const draft = {
  principal: EXAMPLE.party,
  handle: EXAMPLE.handle,
  text: '示例\n授权书',
  template: null,
  warnings: [],
  expires_at: EXAMPLE.time,
  grants: [terms],
};
const identity = { id_type: 'resident_id', id_number: '990001189001010014', name: '示例人甲', phone: null };
const enrolment = { principal: EXAMPLE.party, subject: 'person', identity };

function errorsOf(schema: Parameters<typeof parseInput>[0], value: unknown): readonly InputError[] {
  try {
    parseInput(schema, value);
  } catch (failure) {
    expect(failure).toBeInstanceOf(Failure);
    expect((failure as Failure).code).toBe('input_invalid');
    return inputErrorsOf(failure as Failure);
  }
  return expect.fail('want a refusal');
}

describe('reading an input', () => {
  test('takes what is as documented, unchanged', () => {
    expect(parseInput(askAccessSchema, access)).toEqual(access);
    expect(parseInput(draftLetterSchema, draft)).toEqual(draft);
    expect(parseInput(enrolSchema, enrolment)).toEqual(enrolment);
    const judicial = { ...access, ground: { basis: 'judicial', reference: null } };
    expect(parseInput(askAccessSchema, judicial)).toEqual(judicial);
  });

  test.each([
    ['a missing field', { ...access, items: undefined }, 'items'],
    ['a field of another type', { ...access, items: 'credit_report' }, 'items'],
    ['a wrong item, at its place', { ...access, items: ['credit_report', 'Credit'] }, 'items[1]'],
    ['null where something is wanted', { ...access, principal: null }, 'principal'],
    ['an id in upper case', { ...access, handle: EXAMPLE.grant.toUpperCase() }, 'handle'],
    ['an id that is too short', { ...access, handle: EXAMPLE.handle.slice(1) }, 'handle'],
    ['an id with a line end behind it', { ...access, handle: `${EXAMPLE.handle}\n` }, 'handle'],
    ['a word that is none of those', { ...access, action: 'query' }, 'action'],
    ['a code with a space', { ...access, purpose: 'loan apply' }, 'purpose'],
    ['a code with a number of someone', { ...access, purpose: 'p13800000000' }, 'purpose'],
    ['an item with six digits in a row', { ...access, items: ['a.123456'] }, 'items[0]'],
    ['a code that could be a name', { ...access, purpose: '示例' }, 'purpose'],
    [
      'two grounds at once',
      { ...access, ground: { grant: EXAMPLE.grant, basis: 'judicial', reference: null } },
      'ground',
    ],
    ['a ground of nothing', { ...access, ground: {} }, 'ground'],
    ['consent as a ground without its grant', { ...access, ground: { basis: 'consent', reference: null } }, 'ground'],
    ['an unknown field', { ...access, extra: 1 }, ''],
    ['more items than the core takes', { ...access, items: Array(ITEMS_MAX + 1).fill('credit_report') }, 'items'],
    ['a list', [access], ''],
    ['nothing', null, ''],
  ])('refuses %s', (_what, value, at) => {
    expect(errorsOf(askAccessSchema, value).map((error) => error.at)).toContain(at);
  });

  test.each([
    ['a text that is too long', { ...draft, text: '字'.repeat(LETTER_TEXT_MAX + 1) }, 'text'],
    ['an empty text', { ...draft, text: '' }, 'text'],
    ['a blank text', { ...draft, text: ' \n\t' }, 'text'],
    ['a text with a NUL', { ...draft, text: 'a\u0000b' }, 'text'],
    ['a time that is no whole number', { ...draft, expires_at: 1.5 }, 'expires_at'],
    ['a time before 1970', { ...draft, expires_at: -1 }, 'expires_at'],
    ['a time beyond 2^53', { ...draft, expires_at: 2 ** 53 }, 'expires_at'],
    ['a time that no date names', { ...draft, expires_at: 8_640_000_000_000_001 }, 'expires_at'],
    ['an end that no date names', { ...draft, grants: [{ ...terms, to: 8_640_000_000_000_001 }] }, 'grants[0].to'],
    ['a beginning so', { ...draft, grants: [{ ...terms, from: 8_640_000_000_000_001 }] }, 'grants[0].from'],
    ['a time as text', { ...draft, expires_at: '1795268000123' }, 'expires_at'],
    ['no grants', { ...draft, grants: [] }, 'grants'],
    ['a grant that brings its own id', { ...draft, grants: [{ ...terms, grant: EXAMPLE.grant }] }, 'grants[0]'],
    ['a basis that is no consent', { ...draft, grants: [{ ...terms, basis: 'judicial' }] }, 'grants[0].basis'],
    ['a clause without purposes', { ...draft, grants: [{ ...terms, purposes: [] }] }, 'grants[0].purposes'],
  ])('refuses a letter with %s', (_what, value, at) => {
    expect(errorsOf(draftLetterSchema, value).map((error) => error.at)).toEqual([at]);
  });

  test.each([
    ['a number that is too long', { ...identity, id_number: '9'.repeat(33) }, 'identity.id_number'],
    ['a number of spaces', { ...identity, id_number: '   ' }, 'identity.id_number'],
    ['a name with a line end', { ...identity, name: '示例\n人' }, 'identity.name'],
    ['a name that is too long', { ...identity, name: '甲'.repeat(101) }, 'identity.name'],
    ['a telephone number that is a number', { ...identity, phone: 0 }, 'identity.phone'],
    ['an unknown field', { ...identity, birthday: 'x' }, 'identity'],
  ])('refuses an identity with %s', (_what, value, at) => {
    expect(errorsOf(enrolSchema, { ...enrolment, identity: value }).map((error) => error.at)).toEqual([at]);
  });

  test('refuses signatures and keys of another length', () => {
    const signed = {
      key: EXAMPLE.key,
      signature: EXAMPLE.signature,
      signed_at: 1,
      grants: [{ grant: EXAMPLE.grant, given: true }],
    };
    expect(parseInput(signLetterSchema, signed)).toEqual(signed);
    expect(errorsOf(signLetterSchema, { ...signed, key: `${EXAMPLE.key}A` })[0]?.at).toBe('key');
    expect(errorsOf(signLetterSchema, { ...signed, signature: `${EXAMPLE.signature}==` })[0]?.at).toBe('signature');
    expect(errorsOf(signLetterSchema, { ...signed, grants: [{ grant: EXAMPLE.grant, given: 1 }] })[0]?.at).toBe(
      'grants[0].given',
    );
  });

  test('refuses a party name that no jsonb could hold', () => {
    expect(errorsOf(registerPartySchema, { name: 'a\u0000', roles: ['grantee'] })[0]?.at).toBe('name');
    expect(errorsOf(registerPartySchema, { name: 'a'.repeat(201), roles: ['grantee'] })[0]?.at).toBe('name');
  });

  test('refuses a party name with what nobody sees', () => {
    for (const name of ['a\u202eb', 'a\u200bb', '\ufeffa', 'a\u2028b', 'a\u2029', 'a\u00adb', 'a\u{e0041}']) {
      const errors = errorsOf(registerPartySchema, { name, roles: ['grantee'], keys: [] });
      expect(errors).toEqual([{ at: 'name', message: 'want text without invisible characters' }]);
    }
    for (const name of ['示例消费金融有限公司', 'Ünïcode é 🏦', '示例　公司']) {
      expect(parseInput(registerPartySchema, { name, roles: ['grantee'], keys: [] }).name).toBe(name);
    }
  });

  test('takes the last moment that a date can name', () => {
    const last = { ...draft, expires_at: 8_640_000_000_000_000, grants: [{ ...terms, to: 8_640_000_000_000_000 }] };
    expect(parseInput(draftLetterSchema, last)).toEqual(last);
  });

  test('wants a binding’s salt, or null where nobody was identified', () => {
    const binding = {
      principal: EXAMPLE.party,
      key: EXAMPLE.key,
      method: 'identity_provider',
      identified_by: EXAMPLE.identifier,
      identified_at: EXAMPLE.time,
      identity_salt: EXAMPLE.hash,
      possession: EXAMPLE.signature,
      identification: EXAMPLE.signature,
    };
    expect(parseInput(bindKeySchema, binding)).toEqual(binding);
    const unsaid = { identified_by: null, identified_at: null, identity_salt: null, identification: null };
    expect(parseInput(bindKeySchema, { ...binding, method: 'link', ...unsaid })).toMatchObject(unsaid);
    const { identity_salt: _gone, ...saltless } = binding;
    for (const each of [
      saltless,
      { ...binding, identity_salt: '' },
      { ...binding, identity_salt: EXAMPLE.hash.slice(1) },
      { ...binding, identity_salt: `${EXAMPLE.hash}=` },
    ]) {
      expect(errorsOf(bindKeySchema, each).map((error) => error.at)).toEqual(['identity_salt']);
    }
  });

  test('reads whole numbers of a query, in one spelling', () => {
    expect(parseInput(inclusionQuery, { index: '41' })).toEqual({ index: 41 });
    expect(parseInput(consistencyQuery, { from: '0', to: '9007199254740991' })).toEqual({ from: 0, to: 2 ** 53 - 1 });
    for (const index of ['', '01', '+1', '-1', '1.0', '1e3', ' 1', '0x1', '9007199254740992', '99999999999999999']) {
      expect(errorsOf(inclusionQuery, { index })[0]?.at).toBe('index');
    }
  });

  test('says what was wanted, and never what was sent', () => {
    const canary = 'canary-7f3a';
    const values = [
      {
        ...access,
        principal: canary,
        [canary]: canary,
        ground: { [canary]: canary },
        items: [canary.toUpperCase()],
        action: canary,
      },
      { ...access, items: { [canary]: canary } },
      canary,
      [canary],
    ];
    for (const value of values) {
      const errors = errorsOf(askAccessSchema, value);
      expect(JSON.stringify(errors)).not.toContain(canary);
      expect(JSON.stringify(errors)).not.toContain(canary.toUpperCase());
    }
    expect(
      JSON.stringify(errorsOf(enrolSchema, { ...enrolment, identity: { ...identity, [canary]: 1 } })),
    ).not.toContain(canary);
    expect(errorsOf(accessParams, { id: 'x' })).toEqual([
      { at: 'id', message: 'want an id: 32 lower-case hex digits' },
    ]);
  });

  test('tells no more than so many errors', () => {
    expect(errorsOf(askAccessSchema, { ...access, items: Array(ITEMS_MAX).fill(0) })).toHaveLength(INPUT_ERRORS_MAX);
  });
});
