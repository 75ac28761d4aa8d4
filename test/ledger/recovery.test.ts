/** A keeper whose administrators' keys are gone is recovered; the audit verifies by whom, and lists what they signed. */
import { afterEach, describe, expect, inject, it } from 'vitest';
import { partySignatory } from '#client/index.ts';
import { toBase64Url } from '#core/bytes.ts';
import { recoveryBytes } from '#core/consent/recovery.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { authenticate, type Request } from '#service/caller.ts';
import type { Context } from '#service/context.ts';
import { setSuspended } from '#service/parties.ts';
import { recoverKeeper } from '#service/recovery.ts';
import type { EntryRow } from '#store/entries.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { calledByKeeper, newParty, signedRequest } from '../support/actors.ts';
import { appendForged, auditAfter, entryRows, rewriteHistory } from '../support/attack.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, DATABASES, type Fixture, openFixture, random } from '../support/ledger-fixture.ts';

const newKey = () => nativeEd25519.importSeed(random(32));
const textOf = ({ publicKey }: SigningKey) => toBase64Url(publicKey);

interface Asked {
  readonly recovery: SigningKey;
  readonly next: SigningKey;
  readonly administrators: readonly SigningKey[];
  readonly since?: number | null;
  readonly log?: string;
}

async function recover(context: Context, { recovery, next, administrators, since = null, log }: Asked, idem: string) {
  const said = {
    administrators: administrators.map(textOf),
    since: since as Instant | null,
    recovery: textOf(recovery),
    next_recovery: textOf(next),
  };
  const bytes = recoveryBytes({ log: log ?? context.ledger.origin, ...said });
  const signers = [recovery, next, ...administrators];
  const signatures = await Promise.all(signers.map(async (key) => toBase64Url(await key.sign(bytes))));
  const request: Request = {
    idempotencyKey: idem,
    method: 'POST',
    path: '/v1/log/recovery',
    query: '',
    contentDigest: signatures[0] as string,
    signed: null,
  };
  return recoverKeeper(context, request, { ...said, signatures });
}

describe.each(DATABASES)('a keeper that lost its keys on %s', (database) => {
  const opened: Fixture[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });
  const open = async (options: Partial<Parameters<typeof openFixture>[1]> = {}) => {
    const fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), ...options });
    opened.push(fixture);
    return fixture;
  };

  it('goes on with two others, whichever process is asked; the former are refused, and the call again is answered', async () => {
    const time = Date.UTC(2026, 10, 21);
    const fixture = await open({ time });
    const { context, keys } = fixture;
    const { party } = await newParty(context, 'provider');
    const beside = await open({ again: fixture, signerState: null, time });
    const path = `/v1/parties/${party}/suspension`;
    // Both remember the former keys.
    await setSuspended(beside.context, await calledByKeeper(context, path, {}), { party, suspended: true });
    const stale = await calledByKeeper(context, `/v1/parties/${party}/reinstatement`, {});

    const [next, ...administrators] = await Promise.all([newKey(), newKey(), newKey()]);
    const asked = { recovery: keys.recovery, next: next as SigningKey, administrators, since: time };
    const made = await recover(context, asked, 'recovery-1');
    expect(made).toMatchObject({ party: keys.founder.party });
    expect(made.administrators.map(({ key }) => key)).toEqual(administrators.map(textOf));
    expect(await recover(beside.context, asked, 'recovery-1')).toEqual(made);
    await expectRefusal('idempotency_mismatch', recover(context, { ...asked, since: null }, 'recovery-1'));
    await expectRefusal('key_ended', recover(context, asked, 'recovery-2'));

    for (const each of [context, beside.context]) {
      await expectRefusal('key_ended', setSuspended(each, stale, { party, suspended: false }));
    }
    const signers = administrators.map((key) => partySignatory(keys.founder.party, key));
    const reinstated = await signedRequest(beside.context, signers, `/v1/parties/${party}/reinstatement`, {});
    const caller = await authenticate(beside.context, reinstated);
    await setSuspended(beside.context, caller, { party, suspended: false });

    const { tainted } = await checkLedger(fixture);
    // Registering the provider and suspending it, two signatures each.
    expect(tainted.map(({ key }) => key)).toEqual([0, 1, 0, 1]);
    expect(tainted.every((each) => each.party === keys.founder.party)).toBe(true);
  });

  it('is recovered by its own recovery key only, for this log, while it counts', async () => {
    const fixture = await open();
    const { context, keys } = fixture;
    const [next, other, ...administrators] = (await Promise.all([1, 2, 3, 4].map(newKey))) as [SigningKey, SigningKey];
    const asked = { recovery: keys.recovery, next, administrators };
    await expectRefusal('signature_refused', recover(context, { ...asked, recovery: other }, 'a'));
    await expectRefusal('signature_refused', recover(context, { ...asked, recovery: keys.issuing }, 'b'));
    await expectRefusal('signature_invalid', recover(context, { ...asked, log: 'other.example/log' }, 'c'));
    const { size } = await checkLedger(fixture);
    await recover(context, asked, 'd');
    expect((await checkLedger(fixture)).size).toBe(size + 1);
  });

  it('is looked for in the audit: a recovery that its four keys did not sign, or by a key that does not count', async () => {
    const fixture = await open();
    const { context, keys } = fixture;
    const [next, other, ...administrators] = (await Promise.all([1, 2, 3, 4].map(newKey))) as [SigningKey, SigningKey];
    const { entry } = await recover(context, { recovery: keys.recovery, next, administrators }, 'a');
    await checkLedger(fixture);
    // Whoever has the log’s keys alone writes all that a rule permits, but no signature of the recovery key.
    const rewritten = await auditAfter(fixture, (tx) =>
      rewriteHistory(tx, fixture, (each, index) =>
        index === entry.index ? { ...each, body: { ...each.body, next_recovery: textOf(other) } } : each,
      ),
    );
    expect(rewritten).toMatchObject({ holds: false, findings: [{ code: 'signature', index: entry.index }] });
    const again = await auditAfter(fixture, async (tx) => {
      const row = (await entryRows(tx))[entry.index];
      const { stream, type, body } = parseEntry((row as EntryRow).bytes);
      const { saw: _saw, ...input } = body;
      await appendForged(tx, fixture, { stream, type, body: input, saw: [LOG_STREAM] });
    });
    expect(again.holds).toBe(false);
    const spent = expect.objectContaining({ code: 'decision', message: expect.stringContaining('is spent') });
    expect(again.findings).toContainEqual(spent);
  });
});
