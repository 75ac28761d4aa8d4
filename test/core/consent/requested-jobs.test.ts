/** What the audit takes for the request of an entry: where it went, what it said, and when it was signed. */
import { describe, expect, it } from 'vitest';
import { partySignatory, signBases } from '#client/sign.ts';
import { parseBase64, toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { isJobPartPath, JOB_PART_AGE_MAX_MS, jobPartPath } from '#core/consent/job-path.ts';
import { BATCH_PATH } from '#core/consent/request-rows.ts';
import { expectRequest, openRequest, verifyRequest } from '#core/consent/requested.ts';
import type { View } from '#core/consent/rule.ts';
import type { JobId, PartyId } from '#core/ids.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { partyStream, relationshipStream } from '#core/tlog/stream.ts';
import { expectRefusal } from '../../support/failure.ts';

const PARTY = 'a'.repeat(32) as PartyId;
const JOB = 'b'.repeat(32) as JobId;
const HANDLE = 'c'.repeat(32);
const SIGNED_AT = 1_795_268_000;
const MINUTE_MS = 60_000;

const asked = {
  action: 'QUERY',
  purpose: 'post_loan',
  items: ['credit_report'],
  door: null,
  bound: null,
};
const row = { handle: HANDLE, ground: { grant: 'd'.repeat(32) }, ...asked };

const key = await portableEd25519.importSeed(new Uint8Array(32).fill(7));
const view = {
  state: (stream: string) =>
    stream === partyStream(PARTY)
      ? { keys: [{ key: toBase64Url(key.publicKey) }], operators: {}, roles: [] }
      : undefined,
} as unknown as View;

async function verify(path: string, rows: readonly object[], age: number, change: JsonObject = {}) {
  const body = JSON.stringify({ principal: PARTY, rows });
  const unsigned = { method: 'POST', authority: 'test', path, query: '', body, idempotencyKey: 'key' } as const;
  const signed = await signBases([partySignatory(PARTY, key)], unsigned, SIGNED_AT);
  const signatures = signed.map(({ base, signature }) => ({ base, signature: toBase64Url(parseBase64(signature)) }));
  const entry = {
    stream: relationshipStream(HANDLE as never),
    time: SIGNED_AT * 1_000 + age,
    type: 'access.decided',
    body: {
      ...asked,
      principal: PARTY,
      ground: row.ground,
      by: [{ party: PARTY, operator: PARTY, key: 0 }],
      ...change,
    },
  } as unknown as Entry;
  await verifyRequest(expectRequest(view, entry, {}), openRequest(portableEd25519, { body, signatures }));
}

describe('the request of an access', () => {
  const path = jobPartPath(JOB, 3);

  it('may be a row of a batch, or of a part of a job', async () => {
    await verify(BATCH_PATH, [row], 0);
    await verify(path, [{ ...row, purpose: 'other' }, row], 0);
  });

  it('says just what the entry says', async () => {
    await expectRefusal('entry_invalid', verify(path, [row], 0, { purpose: 'marketing' }));
    await expectRefusal('entry_invalid', verify(path, [{ ...row, handle: 'e'.repeat(32) }], 0));
    await expectRefusal('entry_invalid', verify(path, [row], 0, { ground: { grant: 'e'.repeat(32) } }));
  });

  it('waits for a day as a part of a job, and minutes as anything else', async () => {
    await verify(path, [row], JOB_PART_AGE_MAX_MS);
    await expectRefusal('entry_invalid', verify(path, [row], JOB_PART_AGE_MAX_MS + 2 * MINUTE_MS));
    await verify(BATCH_PATH, [row], 5 * MINUTE_MS);
    await expectRefusal('entry_invalid', verify(BATCH_PATH, [row], 7 * MINUTE_MS));
  });

  it('was not signed after the entry was made', async () => {
    await verify(path, [row], -5 * MINUTE_MS);
    await expectRefusal('entry_invalid', verify(path, [row], -7 * MINUTE_MS));
  });

  it.each([
    `/v1/jobs/${JOB}`,
    `/v1/jobs/${JOB}/parts/03`,
    `/v1/jobs/${JOB}/parts/1000`,
    `/v1/jobs/${JOB}/parts/-1`,
    `/v1/jobs/${JOB}/parts/3/results`,
    `/v1/jobs/${JOB.toUpperCase()}/parts/3`,
    `/x/v1/jobs/${JOB}/parts/3`,
  ])('went to a path as documented: not %s', async (other) => {
    expect(isJobPartPath(other)).toBe(false);
    await expectRefusal('entry_invalid', verify(other, [row], 0));
  });

  it('knows its paths', () => {
    for (const part of [0, 9, 10, 999]) expect(isJobPartPath(jobPartPath(JOB, part))).toBe(true);
  });
});
