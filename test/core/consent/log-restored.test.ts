/** What the log says of a restore: by two of the keeper, whole, and it changes nothing (log/attacks.md 30). */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { type Command, commandOf } from '#core/consent/rules.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import { calledBy, calledByKeeper, hashOf, LENDER, signedPaper, TODAY } from './paper-ledger.ts';

const SAID = {
  from_size: 3,
  from_root: hashOf(3),
  size: 9,
  root: hashOf(9),
  source: 'mirror',
  signed_size: 9,
  lost_parts: 4,
  lost_streams: 2,
  erasures: 0,
} as const;

const restored = (change: object = {}, call: object = calledByKeeper(), stream: string = LOG_STREAM): Command =>
  ({ type: 'log.restored', stream, input: { ...SAID, ...call, ...change } }) as unknown as Command;

describe('a restore is recorded', () => {
  test('30: by two administrators of the keeper, and leaves the log’s state as it was', () => {
    const paper = signedPaper();
    const before = paper.state(LOG_STREAM);
    const { entry } = paper.write(restored(), TODAY);
    expect(entry.body).toMatchObject({ ...SAID });
    expect(entry.body['saw']).toBeTypeOf('string');
    expect(paper.state(LOG_STREAM)).toEqual(before);
  });

  test('30: by nobody alone, not twice by one, and by nobody else', () => {
    const paper = signedPaper();
    const { by } = calledByKeeper();
    const refuse = (code: Parameters<typeof expectFailure>[0], command: Command) =>
      expectFailure(code, () => paper.write(command, TODAY));
    refuse('second_signature', restored({ by: [by[0]] }));
    refuse('second_signature', restored({ by: [by[0], by[0]] }));
    refuse('principal_mismatch', restored({}, calledBy(LENDER)));
    refuse('entry_invalid', restored({ auth: 'none', by: [], request: null }));
    refuse('entry_invalid', restored({ auth: 'session', by: [], request: null }));
  });

  test('30: only whole, and only in the log’s own stream', () => {
    const paper = signedPaper();
    const refuse = (command: Command) => expectFailure('entry_invalid', () => paper.write(command, TODAY));
    refuse(restored({ size: 3, signed_size: 3 }));
    refuse(restored({ signed_size: 10 }));
    refuse(restored({}, calledByKeeper(), partyStream(LENDER)));
  });

  test('with erasures done again, and from nothing; anything else is unreadable', () => {
    const paper = signedPaper();
    const { entry } = paper.write(restored({ erasures: 2, from_size: 0, signed_size: 5 }), TODAY);
    for (const change of [
      { source: 'memory' },
      { erasures: -1 },
      { erasures: null },
      { lost_parts: '4' },
      { root: 'x' },
      { more: 1 },
    ]) {
      const body = { ...entry.body, ...change } as JsonObject;
      expectFailure('entry_invalid', () => commandOf({ ...entry, body }));
    }
    expect(commandOf(entry)).toMatchObject({ type: 'log.restored', input: { erasures: 2 } });
  });
});
