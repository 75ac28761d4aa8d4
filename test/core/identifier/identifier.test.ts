import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '#core/failure.ts';
import { flagsOf, ID_TYPES, requireIdentifier } from '#core/identifier/identifier.ts';
import type { Day } from '#core/pack/day.ts';
import { readShipped } from '../../../src/cli/packs/publish.ts';

const TODAY = '2026-11-25' as Day;
const VALID: Record<string, readonly string[]> = {
  resident_id: [
    '110105180001010010',
    '360802185006150037',
    '36080218500615007X',
    '330782189912310062',
    '810000189912310013',
    '990001189001010014',
  ],
  uscc: [
    '91350100M000100Y43',
    '91990001MA00000157',
    '93990002MA00000K0J',
    '52990003MJ00001223',
    '129900040000004223',
    '92990005MAX1Y2T38R',
    '91990001MA00000900',
  ],
  loan_card: ['9900000000000166', '9900000000004290', 'Z9A0000000123426', '9900000000006110', '9900000000006497'],
  institution_code: [
    'C1010211000012',
    'C1010311000014',
    'C1010411000013',
    'C1010511003703',
    'C1030844001362',
    'Z2004944000010',
  ],
};
const ALPHABETS: Record<string, string> = {
  resident_id: '0123456789',
  uscc: '0123456789ABCDEFGHJKLMNPQRTUWXY',
  loan_card: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
};
const cases = Object.entries(VALID).flatMap(([kind, numbers]) => numbers.map((number) => [kind, number] as const));
const checked = cases.filter(([kind]) => kind in ALPHABETS);

/** What is wrong with a number; null: nothing. */
function problemOf(id_type: string, id_number: string, today: Day = TODAY, legacy = false): string | null {
  try {
    requireIdentifier({ id_type, id_number }, 'identity', { today, legacy });
    return null;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.code).toBe('identifier_invalid');
    expect(error.message).not.toContain(id_number);
    const at = ID_TYPES.some((type) => type === id_type) ? 'identity.id_number' : 'identity.id_type';
    expect(error.cause).toEqual([{ at, message: error.message }]);
    return error.message;
  }
}

describe('an identifier', () => {
  it.each(cases)('%s %s passes', (kind, number) => {
    expect(problemOf(kind, number)).toBeNull();
  });

  it('passes with spaces, small letters and full-width digits', () => {
    expect(problemOf('resident_id', ' 360802 18500615 ００７x ')).toBeNull();
    expect(problemOf('uscc', '91990001ma00000157')).toBeNull();
  });

  it('that only its issuer can check passes', () => {
    expect(problemOf('passport', 'E00000000')).toBeNull();
  });

  it('of an unknown kind is refused, and the kinds are told', () => {
    expect(problemOf('residentid', '990001189001010014')).toContain('resident_id');
    expect(problemOf('constructor', '990001189001010014')).toContain('resident_id');
  });

  it.each([
    ['resident_id', '360800180102290026', 'a day of birth that the calendar has'],
    ['resident_id', '110105180001010011', 'the last character does not fit'],
    ['resident_id', '360802185006150307', 'the last character does not fit'],
    ['resident_id', '11010518000101001', '17 digits, and a digit or X'],
    ['resident_id', '11010518000101001Y', '17 digits, and a digit or X'],
    ['resident_id', '990001500615001', 'want the number of 18 characters'],
    ['uscc', '91350100M000100Y4O', 'without I, O, S, V and Z'],
    ['uscc', '91350100M000100Y4I', 'without I, O, S, V and Z'],
    ['uscc', '91350100m000100y44', 'the last character does not fit'],
    ['loan_card', 'ZZ00000000000166', 'the last two digits do not fit'],
    ['uscc', '91350100M000100Y4Z', 'without I, O, S, V and Z'],
    ['uscc', '91990001MAO0000157', 'without I, O, S, V and Z'],
    ['uscc', '9199000IMA00000157', 'without I, O, S, V and Z'],
    ['uscc', '9199000AMA00000157', 'an area of six digits'],
    ['uscc', '91990001MA0000015', '18 characters'],
    ['uscc', '91990001MA00000158', 'the last character does not fit'],
    ['uscc', '91990001MA00000167', 'the organisation code'],
    ['loan_card', '990000000000016', '3 digits or letters, and 13 digits'],
    ['loan_card', '9900A00000000166', '3 digits or letters, and 13 digits'],
    ['loan_card', '9900000000006100', 'the last two digits do not fit'],
    ['institution_code', '1010211000012', 'a letter and 13 digits'],
    ['institution_code', 'B0001H111000001', 'not the number of its financial licence'],
  ])('%s %s is refused: %s', (kind, number, want) => {
    expect(problemOf(kind, number)).toContain(want);
  });

  it('of a person who is not yet born is refused, until the day', () => {
    expect(problemOf('resident_id', '990001189001010014', '1889-12-31' as Day)).toContain('that has come');
    expect(problemOf('resident_id', '990001189001010014', '1890-01-01' as Day)).toBeNull();
  });

  it.each(checked)('%s %s is refused with any one character wrong', (kind, number) => {
    for (let at = 0; at < number.length; at += 1) {
      for (const other of ALPHABETS[kind] ?? '') {
        // 97 and 0 are the same weight modulo 97: what stands there is not checked by any who issue these codes.
        if (other === number[at] || (kind === 'loan_card' && at === 11)) continue;
        const wrong = number.slice(0, at) + other + number.slice(at + 1);
        expect(problemOf(kind, wrong), `${at}: ${other}`).not.toBeNull();
      }
    }
  });

  it.each(checked.filter(([kind]) => kind === 'resident_id'))(
    '%s %s is refused with two neighbours swapped',
    (kind, number) => {
      for (let at = 0; at + 1 < number.length; at += 1) {
        if (number[at] === number[at + 1]) continue;
        const wrong = number.slice(0, at) + number[at + 1] + number[at] + number.slice(at + 2);
        expect(problemOf(kind, wrong), String(at)).not.toBeNull();
      }
    },
  );

  it('never breaks on any text', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(VALID)),
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.boolean(),
        (kind, text, legacy) => {
          try {
            requireIdentifier({ id_type: kind, id_number: text }, 'identity', { today: TODAY, legacy });
          } catch (error) {
            expect(error).toBeInstanceOf(Failure);
          }
        },
      ),
    );
  });
});

describe('a number of 15 digits', () => {
  const OLD = '990001500615001';

  it('is taken out of records from before, and of nobody else', () => {
    expect(problemOf('resident_id', OLD)).toContain('want the number of 18 characters');
    expect(problemOf('resident_id', OLD, TODAY, true)).toBeNull();
    expect(problemOf('resident_id', ' ９９０００１ 500615 001', TODAY, true)).toBeNull();
  });

  it.each([
    ['990001500631001', 'a day of birth that the calendar has, in characters 7 to 12'],
    ['990001000229001', 'a day of birth that the calendar has, in characters 7 to 12'],
    ['99000150061500X', '17 digits, and a digit or X'],
    ['9900015006150010', '17 digits, and a digit or X'],
    ['99000150061500', '17 digits, and a digit or X'],
  ])('%s is refused there, too: %s', (number, want) => {
    expect(problemOf('resident_id', number, TODAY, true)).toContain(want);
  });

  it('is of someone born in 18xx, by its last digits (memory)', () => {
    // 1896 was a leap year, 1900 was none.
    expect(problemOf('resident_id', '990001960229996', TODAY, true)).toBeNull();
    expect(problemOf('resident_id', '990001000229999', TODAY, true)).toContain('that the calendar has');
  });

  it('of other kinds is nothing of it', () => {
    expect(problemOf('loan_card', OLD, TODAY, true)).toContain('3 digits or letters, and 13 digits');
    expect(flagsOf({ id_type: 'passport', id_number: OLD }, false, null)).toEqual([]);
  });

  it('does not make other old numbers good', () => {
    for (const [kind, number] of cases) expect(problemOf(kind, number, TODAY, true)).toBeNull();
    expect(problemOf('resident_id', '110105180001010011', TODAY, true)).toContain('the last character does not fit');
  });
});

describe('what is flagged of an identifier', () => {
  const shipped = readShipped().find(({ id }) => id === 'area-cn')?.areas ?? expect.unreachable();
  const codes = new Set(shipped.map(({ code }) => code));
  const isArea = (code: string) => codes.has(code) || codes.has(`${code.slice(0, 2)}0000`);
  const flags = (id_type: string, id_number: string, legacy = false, areas: typeof isArea | null = isArea) =>
    flagsOf({ id_type, id_number }, legacy, areas);

  it.each([
    ['resident_id', '110105180001010010', []],
    ['resident_id', '360802185006150037', []],
    ['resident_id', '330782189912310062', []],
    ['resident_id', '810000189912310013', []],
    ['resident_id', '990001189001010014', ['area_unknown']],
    ['resident_id', '360802500615001', ['number_old']],
    ['resident_id', '990001500615001', ['area_unknown', 'number_old']],
    ['uscc', '91990001MA00000157', []],
    ['passport', '990001189001010014', []],
  ])('%s %s: %j', (kind, number, want) => {
    expect(flags(kind, number)).toEqual(want);
  });

  it('is no area where no pack has areas', () => {
    expect(flags('resident_id', '990001189001010014', false, null)).toEqual([]);
  });

  it('is also that it came out of records from before', () => {
    expect(flags('resident_id', '110105180001010010', true)).toEqual(['legacy_import']);
    expect(flags('resident_id', '990001500615001', true)).toEqual(['area_unknown', 'legacy_import', 'number_old']);
  });
});

describe('the shipped areas', () => {
  const { areas } = readShipped().find(({ id }) => id === 'area-cn') ?? expect.unreachable();
  const named = (code: string) => areas.filter((area) => area.code === code).map(({ name }) => name.zh);

  it('are all provinces, and those that examples name, each within its own', () => {
    expect(areas.filter(({ code }) => code.endsWith('0000'))).toHaveLength(35);
    for (const { code } of areas) expect(named(`${code.slice(0, 2)}0000`)).toHaveLength(1);
  });

  it('have 吉安 with its 13 counties, and two districts of one name in two cities', () => {
    expect(areas.filter(({ code }) => /^3608(?!00)/.test(code))).toHaveLength(13);
    expect([named('110105'), named('220104')]).toEqual([['朝阳区'], ['朝阳区']]);
    expect([named('220100'), named('330782'), named('511425')]).toEqual([['长春市'], ['义乌市'], ['青神县']]);
  });

  it('keep codes that are retired, with their end', () => {
    expect(areas.filter(({ to }) => to !== null).map(({ code }) => code)).toEqual(['510200', '362400']);
  });

  it('have none of the numbers that are nobody’s', () => {
    expect(areas.some(({ code }) => code.startsWith('99'))).toBe(false);
  });
});
