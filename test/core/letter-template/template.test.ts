import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '#core/canonical.ts';
import { parseTemplate } from '#core/letter-template/template.ts';
import { parseInput } from '#wire/input.ts';
import { letterTemplateSchema } from '#wire/templates.ts';
import { expectFailure } from '../../support/failure.ts';
import { both, TEMPLATE } from './paper-template.ts';

const changed = (change: JsonObject): JsonObject => ({ ...TEMPLATE, ...change });
const clause = (change: JsonObject): JsonObject => ({
  clauses: TEMPLATE.clauses.map((each, at) => (at === 0 ? { ...each, ...change } : each)),
});
const screen = (change: JsonObject): JsonObject => ({ screen: { ...TEMPLATE.screen, ...change } });

/** What is not a template, for its shape. */
const SHAPELESS: readonly (readonly [string, Json])[] = [
  ['a list', []],
  ['a field that is unknown', changed({ extra: 1 })],
  ['a version of 0', changed({ version: 0 })],
  ['an id that is no code', changed({ id: '授权书' })],
  ['an id with a number of a person', changed({ id: 'a990001189003070014' })],
  ['a title without English', changed({ title: { zh: '甲' } })],
  ['a title that is blank', changed({ title: both(' ') })],
  ['a title in two lines', changed({ title: both('甲\n乙') })],
  ['a title that turns the direction of reading', changed({ title: both('甲\u202e乙') })],
  ['a subject of another kind', changed({ subject: 'dog' })],
  ['a slot that is left out', changed({ slots: { ...without(TEMPLATE.slots, 'rights') } })],
  ['an action of another kind', changed(clause({ action: 'DELETE' }))],
  ['a clause without consent', changed(clause({ basis: 'statutory_duty' }))],
  ['evidence of another kind', changed({ evidence: 'X' })],
  ['a contrast below 1 to 1', changed(screen({ contrast_percent: 99 }))],
  ['a size that is not whole', changed(screen({ font_dp: 18.5 }))],
];

/** Parts that refer to each other wrongly. */
const LOOSE: readonly (readonly [string, JsonObject])[] = [
  ['two clauses of one id', changed({ clauses: [...TEMPLATE.clauses.slice(0, 1), ...TEMPLATE.clauses.slice(0, 1)] })],
  ['two warnings of one id', changed({ warnings: [...TEMPLATE.warnings, ...TEMPLATE.warnings.slice(0, 1)] })],
  ['a warning that is not there', changed(clause({ warnings: ['none'] }))],
  ['a processor that is not there', changed(clause({ processors: ['none'] }))],
  ['a candidate that is not there', changed(clause({ candidates: ['none'] }))],
  ['a single candidate', changed(clause({ candidates: ['funder1'] }))],
  ['a box for a clause that is not there', changed(screen({ boxes: [{ clauses: ['none'], documents: [] }] }))],
  ['a tick of a clause that is not there', changed(screen({ ticked: { clauses: ['none'], purposes: [] } }))],
  ['a disabled purpose that is not there', changed(screen({ disabled: { clauses: [], purposes: ['none'] } }))],
];

describe('a template', () => {
  test('is read as it is, by core and wire alike', () => {
    expect(parseTemplate(TEMPLATE)).toEqual(TEMPLATE);
    expect(parseInput(letterTemplateSchema, TEMPLATE)).toEqual(TEMPLATE);
  });

  test('may lack what the law wants, so that lint can say so', () => {
    const lacking = changed({
      ...clause({ why: null, refusal: null, revoking: null, ends: null }),
      slots: Object.fromEntries(Object.keys(TEMPLATE.slots).map((slot) => [slot, null])),
      statements: { liability: null, papers: null, reading: null },
      grantee_licence: null,
    });
    expect(parseTemplate(lacking)).toEqual(lacking);
    expect(parseInput(letterTemplateSchema, lacking)).toEqual(lacking);
  });

  test.each(SHAPELESS)('with %s is refused by core and wire alike', (_what, value) => {
    expectFailure('template_invalid', () => parseTemplate(value));
    expectFailure('input_invalid', () => parseInput(letterTemplateSchema, value));
  });

  test.each(LOOSE)('with %s is refused', (_what, value) => {
    expect(parseInput(letterTemplateSchema, value)).toEqual(value);
    expectFailure('template_invalid', () => parseTemplate(value));
  });

  test('names the place of what is wrong', () => {
    expect(() => parseTemplate(changed(clause({ warnings: ['none'] })))).toThrow(
      'clauses[0].warnings: none is not in this template',
    );
  });
});

function without(value: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));
}
