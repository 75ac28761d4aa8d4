import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Handle, PartyId, PersonId } from '#core/ids.ts';
import {
  idOf,
  kindOf,
  LOG_STREAM,
  parseStream,
  partyStream,
  personStream,
  refusedStream,
  relationshipStream,
} from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';

const ID = '0198abcdef0123456789abcdef012345';

describe('the name of a stream', () => {
  test('says its kind and its id', () => {
    const made = [
      [relationshipStream(ID as Handle), 'rel'],
      [personStream(ID as PersonId), 'person'],
      [partyStream(ID as PartyId), 'party'],
      [refusedStream(ID as PartyId), 'refused'],
    ] as const;
    for (const [stream, kind] of made) {
      expect(parseStream(stream)).toBe(`${kind}/${ID}`);
      expect(kindOf(stream)).toBe(kind);
      expect(idOf(stream)).toBe(ID);
    }
    expect(parseStream(`pack/${ID}`)).toBe(`pack/${ID}`);
    expect(kindOf(LOG_STREAM)).toBe('log');
    expect(kindOf(parseStream('heads'))).toBe('heads');
  });

  test.each([
    '',
    'rel',
    'rel/',
    '/',
    `/${ID}`,
    `rel/${ID}/`,
    `rel/${ID}/x`,
    `rel//${ID}`,
    `rel/${ID.toUpperCase()}`,
    `rel/${ID.slice(1)}`,
    `rel/${ID}0`,
    `rel/${ID}\n`,
    ` rel/${ID}`,
    `REL/${ID}`,
    `logs/${ID}`,
    `log/${ID}`,
    `heads/${ID}`,
    `constructor/${ID}`,
    `__proto__/${ID}`,
    'log ',
    'log\n',
    'Log',
    'rel/张示例',
    'rel/13800000000',
    null,
    undefined,
    0,
    ['log'],
    { toString: () => 'log' },
  ])('is never %j', (value) => {
    expectFailure('entry_invalid', () => parseStream(value));
  });

  test('is nothing that the ledger did not mint', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        if (value === 'log' || value === 'heads') return;
        expectFailure('entry_invalid', () => parseStream(value));
        expectFailure('entry_invalid', () => parseStream(`rel/${value}`));
      }),
    );
  });

  test('does not stand in the refusal of one', () => {
    try {
      parseStream('rel/CANARY');
      expect.fail('it was to be refused');
    } catch (thrown) {
      expect(String(thrown)).not.toContain('CANARY');
    }
  });
});
