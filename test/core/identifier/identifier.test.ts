import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '#core/failure.ts';
import { requireIdentifier } from '#core/identifier/identifier.ts';
import type { Day } from '#core/pack/day.ts';

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
  institution_code: ['C1010211000012', 'C1030844001362', 'Z2004944000010'],
};
const ALPHABETS: Record<string, string> = {
  resident_id: '0123456789',
  uscc: '0123456789ABCDEFGHJKLMNPQRTUWXY',
  loan_card: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
};
const cases = Object.entries(VALID).flatMap(([kind, numbers]) => numbers.map((number) => [kind, number] as const));
const checked = cases.filter(([kind]) => kind in ALPHABETS);

/** What is wrong with a number; null: nothing. */
function problemOf(id_type: string, id_number: string, today: Day = TODAY): string | null {
  try {
    requireIdentifier({ id_type, id_number }, today);
    return null;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.code).toBe('identifier_invalid');
    expect(error.message).not.toContain(id_number);
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
        (kind, text) => {
          try {
            requireIdentifier({ id_type: kind, id_number: text }, TODAY);
          } catch (error) {
            expect(error).toBeInstanceOf(Failure);
          }
        },
      ),
    );
  });
});
