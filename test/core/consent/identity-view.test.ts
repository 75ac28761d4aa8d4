/** Views of personal data: who may look, what the entry says, and that it changes nothing. */
import { describe, expect, test } from 'vitest';
import { type Command, commandOf } from '#core/consent/rules.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  calledBy,
  LENDER,
  OTHER_LENDER,
  openedPaper,
  REL,
  relationshipOf,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';

function view(change: object = {}, call = calledBy(LENDER)): Command {
  const said = { principal: LENDER, fields: ['id_number', 'name'], why: 'serve_subject' };
  return { type: 'identity.viewed', stream: REL, input: { ...said, ...call, ...change } } as unknown as Command;
}

describe('a view of personal data', () => {
  test('is of the grantee’s operators with the duty query, and of nobody else', () => {
    const paper = openedPaper();
    const asOther = view({ principal: OTHER_LENDER }, calledBy(OTHER_LENDER));
    expectFailure('relationship_unknown', () => paper.write(asOther, TODAY));
    expectFailure('principal_mismatch', () => paper.write(view({}, calledBy(OTHER_LENDER)), TODAY));
    expectFailure('duty_missing', () => paper.write(view({}, calledBy(LENDER, 'admin')), TODAY));
    paper.write(view(), TODAY);
  });

  test('changes nothing of the relationship', () => {
    const paper = signedPaper();
    const before = relationshipOf(paper);
    paper.write(view(), TODAY + 1);
    expect(relationshipOf(paper)).toEqual(before);
  });

  test.each([[[]], [['name', 'id_number']], [['name', 'name']]])('names its fields in one order: not %j', (fields) => {
    expectFailure('input_invalid', () => openedPaper().write(view({ fields }), TODAY));
  });

  test.each([{ fields: ['address'] }, { why: 'curiosity' }, { note: '示例人甲' }, { fields: null }])(
    'says nothing but what is in its lists: not %j',
    (change) => {
      const { type, stream, input } = view(change);
      const entry = { type, stream, body: { ...input, saw: '' } } as unknown as Entry;
      expectFailure('entry_invalid', () => commandOf(entry));
    },
  );
});
