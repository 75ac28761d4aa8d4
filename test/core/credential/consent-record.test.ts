/** A letter as a consent record of ISO/IEC TS 27560: what it has of the standard's fields, and that it lists what it has not. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeCanonical, type JsonObject } from '#core/canonical.ts';
import { readLetterReceipt } from '#core/consent/verify-receipt.ts';
import { ABSENT_FIELDS, consentRecord } from '#core/credential/consent-record.ts';
import { useSha256 } from '#core/hash.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import {
  BUREAU,
  drafted,
  LENDER,
  LETTER,
  LOG,
  MINUTE,
  openedPaper,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  signed,
  TODAY,
} from '../consent/paper-ledger.ts';
import { fileOf, keysOf, letterReceiptOf } from '../consent/paper-receipt.ts';

useSha256(nativeSha256);

const keys = await keysOf(0x71);

async function recordOf(given: readonly [boolean, boolean], declined_items?: readonly (readonly string[])[]) {
  const paper = openedPaper(keys.texts);
  paper.write(drafted(), TODAY - MINUTE);
  const line = paper.write(signed({ given, ...(declined_items === undefined ? {} : { declined_items }) }), TODAY);
  const file = fileOf(await letterReceiptOf(paper, keys, line));
  const verdict = await readLetterReceipt(file, keys.vkey, nativeEd25519);
  return { record: consentRecord(LOG, verdict), verdict };
}

describe('a consent record', () => {
  test('says, clause by clause, what was answered, to whom, for what and how long', async () => {
    const { record, verdict } = await recordOf([true, false]);
    const processing = record['pii_processing'] as readonly JsonObject[];
    expect(record['record_header']).toEqual({
      schema_version: 'ISO/IEC TS 27560:2023; assent/1',
      record_id: LETTER,
      pii_principal_id: REL,
    });
    expect(processing).toMatchObject([
      { processing_id: QUERY_GRANT, pii_controllers: [LENDER], lawful_basis: 'consent', processing_methods: ['QUERY'] },
      { processing_id: REPORT_GRANT, processing_methods: ['REPORT'] },
    ]);
    expect(processing[0]).toMatchObject({ sources: [BUREAU] });
    expect(processing[0]).not.toHaveProperty('recipient_third_parties');
    expect(processing[1]).toMatchObject({ recipient_third_parties: [BUREAU] });
    const events = record['events'] as readonly JsonObject[];
    expect(events.map(({ processing_id, event_state }) => [processing_id, event_state])).toEqual([
      [QUERY_GRANT, 'consent_given'],
      [REPORT_GRANT, 'consent_refused'],
    ]);
    expect(events[0]).toMatchObject({
      entity_id: REL,
      event_type: 'explicit',
      validity_duration: { until: expect.stringMatching(/Z$/) },
    });
    expect(events[1]).not.toHaveProperty('validity_duration');
    expect(record['proof']).toMatchObject({ log: LOG, leaf: verdict.letter.leaf, index: verdict.letter.index });
    expect(() => encodeCanonical(record)).not.toThrow();
  });

  test('leaves out what was declined of a clause', async () => {
    const { record, verdict } = await recordOf([true, true], [[], ['basic']]);
    const [, report] = record['pii_processing'] as readonly JsonObject[];
    const listed = (report?.['pii_information'] ?? []) as readonly JsonObject[];
    const [, asked] = verdict.letter.clauses;
    expect(asked?.items).toContain('basic');
    expect(listed.map((each) => each['pii_attribute_id'])).toEqual(asked?.items.filter((item) => item !== 'basic'));
  });

  test('names every party once for each of its roles', async () => {
    const { record } = await recordOf([true, true]);
    const parties = record['party_identification'] as readonly JsonObject[];
    expect(parties).toEqual(
      expect.arrayContaining([
        { party_id: LENDER, party_role: 'pii_controller' },
        { party_id: BUREAU, party_role: 'source' },
        { party_id: BUREAU, party_role: 'third_party' },
      ]),
    );
    expect(new Set(parties.map((each) => JSON.stringify(each))).size).toBe(parties.length);
  });

  test('lists what it has not, which the documentation does, too, and has nothing of that', async () => {
    const { record } = await recordOf([true, true]);
    expect(record['absent']).toEqual(ABSENT_FIELDS);
    const documented = readFileSync(new URL('../../../docs/exports.md', import.meta.url), 'utf8');
    const { absent: _listed, ...filled } = record;
    for (const path of ABSENT_FIELDS) {
      const field = path.split('.').at(-1) as string;
      expect([field, documented.includes(`\`${field}\``)]).toEqual([field, true]);
      expect([field, JSON.stringify(filled).includes(`"${field}":`)]).toEqual([field, false]);
    }
  });
});
