/**
 * What the audit proves of a person's keys and statements once a log was continued (ADR 0028): that a key gives again only as
 * its holder was identified anew, and what a key of before signs. The log's own entry, and the audit over it, have their tests.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import type { View } from '#core/consent/rule.ts';
import {
  bindingSigningBytes,
  bindingStatement,
  digestIdentity,
  holdStatement,
  revocationStatement,
  statementSigningBytes,
} from '#core/consent/statement.ts';
import type { GrantId, Handle, PartyId, PersonId, StatementRef } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { LOG_STREAM, partyStream, personStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import { checkEvidence, type EvidenceCheck } from '#ledger/evidence.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { expectFailure, expectRefusal } from '../support/failure.ts';
import { random } from '../support/ledger-fixture.ts';

const OLD = 'test.assent.example/old';
const NEW = 'test.assent.example/log';
const AT = Date.UTC(2026, 10, 21) as Instant;
const id = <Id extends string>(n: number): Id => n.toString(16).padStart(32, '0') as Id;
const [HANDLE, GRANT, REF] = [id<Handle>(1), id<GrantId>(2), id<StatementRef>(3)];
const [LENDER, IDENTIFIER] = [id<PartyId>(4), id<PartyId>(5)];
const REL = relationshipStream(HANDLE);
const PERSON = personStream(id<PersonId>(6));
const OTHER = personStream(id<PersonId>(7));
const IDENTITY = { id_type: 'resident_id', id_number: '990001188001010011' };
const GRADE_B = { grade: 'B', kind: 'ed25519', method: 'identity_provider', identified_by: IDENTIFIER } as const;

let [key, other, identifier]: SigningKey[] = [];
const text = (each: SigningKey | undefined) => toBase64Url((each as SigningKey).publicKey);

beforeAll(async () => {
  [key, other, identifier] = await Promise.all([1, 2, 3].map(() => nativeEd25519.importSeed(random(32))));
});

/** The ledger as it stood before an entry: the log at an epoch, and the key of the person at another. */
function viewAt(epoch: number, keyEpoch = 0): View {
  const bound = {
    seq: 0,
    kind: 'ed25519',
    method: 'identity_provider',
    identified_by: IDENTIFIER,
    enrolled_by: LENDER,
  };
  const own = epoch === 0 ? {} : { epoch };
  const signing = { operator: id(8), ended_at: null, compromised_since: null, ...own };
  const terms = { grant: GRANT };
  const draft = { kind: 'confirm', grant: GRANT, nonce: 'n', drafted_at: AT, expires_at: AT + 1_000, ...own };
  const states: Readonly<Record<StreamId, JsonObject>> = {
    [LOG_STREAM]: {
      ...own,
      origins: [{ origin: OLD, to: 9, at: AT }],
    },
    [PERSON]: { keys: [keyEpoch === 0 ? bound : { ...bound, epoch: keyEpoch }], frozen: null },
    [OTHER]: { keys: [], frozen: null },
    [REL]: { grantee: LENDER, grants: { [GRANT]: { terms } }, holds: { [REF]: draft }, drafts: {} },
    [partyStream(IDENTIFIER)]: {
      roles: ['identifier'],
      operators: { [id(8)]: { duty: 'query', left_at: null } },
      keys: [{ key: text(identifier), ...signing }],
      suspended_at: null,
      ...own,
    },
  };
  return { head: () => undefined, state: (stream) => states[stream] };
}

function entryOf(type: string, stream: StreamId, body: JsonObject, log = NEW): Entry {
  return { log, stream, seq: 1, prev: null, time: AT, type, body, commit: null } as unknown as Entry;
}

interface Signed {
  readonly log?: string;
  readonly by?: SigningKey | undefined;
  readonly keyText?: string;
  readonly identity?: typeof IDENTITY;
  readonly identifiedBy?: SigningKey | undefined;
}

/** What a key and an identifier sign of a binding. */
async function bindingOf({
  log = NEW,
  by = key,
  keyText = text(by),
  identity = IDENTITY,
  identifiedBy = identifier,
}: Signed) {
  const salt = random(32);
  const binding = bindingStatement({
    ...{ log, handle: HANDLE, key: keyText, identity: digestIdentity(salt, identity) },
    ...{ method: 'identity_provider', identifiedBy: IDENTIFIER, identifiedAt: AT },
  });
  const bytes = bindingSigningBytes(binding);
  return {
    binding,
    possession: toBase64Url(await (by as SigningKey).sign(bytes)),
    identification: toBase64Url(await (identifiedBy as SigningKey).sign(bytes)),
    identity_salt: toBase64Url(salt),
  };
}

/** An audit that has read the relationship's opening, and the binding of the key over the old name. */
async function read(): Promise<EvidenceCheck> {
  const check = checkEvidence({ ed25519: nativeEd25519, p256: nativeP256 });
  const view = viewAt(0);
  check.inspect(view, entryOf('relationship.opened', REL, { frozen: null }, OLD), {
    person: id(6),
    identity: IDENTITY,
  });
  const said = { kind: 'ed25519', method: 'identity_provider', identified_by: IDENTIFIER, identified_at: AT };
  const bound = { ...entryOf('person.key_bound', PERSON, said, OLD), seq: 0 };
  const { derived, pending } = check.inspect(view, bound, await bindingOf({ log: OLD }));
  await Promise.all(pending);
  expect(derived).toBe(true);
  return check;
}

const affirmed = (stream = PERSON) =>
  entryOf('person.key_affirmed', stream, {
    key: 0,
    identified_by: IDENTIFIER,
    identified_at: AT,
    enrolled_by: LENDER,
    epoch: 1,
  });

describe('a key that is affirmed', () => {
  it('is proven: the key and who identified its holder signed its binding, over the new name', async () => {
    const check = await read();
    const { derived, pending } = check.inspect(viewAt(1), affirmed(), await bindingOf({}));
    await Promise.all(pending);
    expect([derived, pending.length]).toEqual([true, 2]);
    // What is erased is attested.
    expect(check.inspect(viewAt(1), affirmed(), {}).derived).toBe(false);
  });

  it('is refused of another key, another log, another person, another document', async () => {
    const check = await read();
    for (const signed of [
      { by: other },
      { log: OLD },
      { identity: { ...IDENTITY, id_number: '990001188001010038' } },
    ]) {
      const opened = await bindingOf(signed);
      expectFailure('entry_invalid', () => check.inspect(viewAt(1), affirmed(), opened));
    }
    const opened = await bindingOf({});
    const elsewhere = {
      ...viewAt(1),
      state: (stream: StreamId) => viewAt(1).state(stream === OTHER ? PERSON : stream),
    };
    expectFailure('entry_invalid', () => check.inspect(elsewhere, affirmed(OTHER), opened));
  });

  it('is refused where the key did not sign, or the identifier did not, or does not count any more', async () => {
    const check = await read();
    for (const signed of [{ by: other, keyText: text(key) }, { identifiedBy: other }]) {
      const { pending } = check.inspect(viewAt(1), affirmed(), await bindingOf(signed));
      await expectRefusal('signature_invalid', Promise.all(pending));
    }
    const view = viewAt(1);
    const { epoch: _own, ...left } = view.state(partyStream(IDENTIFIER)) as JsonObject & { epoch: number };
    const behind = {
      ...view,
      state: (stream: StreamId) => (stream === partyStream(IDENTIFIER) ? left : view.state(stream)),
    };
    const { pending } = check.inspect(behind, affirmed(), await bindingOf({}));
    await expectRefusal('signature_invalid', Promise.all(pending));
  });
});

describe('a signature of a key of before', () => {
  const place = { stream: PERSON, seq: 0 };

  async function confirming(log = NEW) {
    const draft = { kind: 'confirm', grant: GRANT, nonce: 'n', drafted_at: AT, expires_at: AT + 1_000 } as const;
    const statement = holdStatement({ log, ref: REF, grantee: LENDER, draft, signedAt: AT });
    const signature = toBase64Url(await (key as SigningKey).sign(statementSigningBytes(statement)));
    return { binding: place, signature, statement };
  }

  it('confirms nothing, and does once it is affirmed', async () => {
    const check = await read();
    const entry = entryOf('grant.confirmed', REL, {
      ref: REF,
      grant: GRANT,
      epoch: 1,
      signed_at: AT,
      evidence: GRADE_B,
    });
    const opened = await confirming();
    expectFailure('key_suspended', () => check.inspect(viewAt(1), entry, opened));
    const { derived, pending } = check.inspect(viewAt(1, 1), entry, opened);
    await Promise.all(pending);
    expect([derived, pending.length]).toEqual([true, 1]);
    const over = await confirming(OLD);
    expectFailure('entry_invalid', () => check.inspect(viewAt(1, 1), entry, over));
  });

  it('takes back over any name that the log had, and over no other', async () => {
    const check = await read();
    const entry = entryOf('grant.revoked', REL, { grant: GRANT, signed_at: AT, evidence: GRADE_B });
    const opened = async (log: string) => {
      const statement = revocationStatement({ log, ref: GRANT, grantee: LENDER, signedAt: AT });
      return {
        binding: place,
        signature: toBase64Url(await (key as SigningKey).sign(statementSigningBytes(statement))),
      };
    };
    for (const log of [NEW, OLD]) {
      const { derived, pending } = check.inspect(viewAt(1), entry, await opened(log));
      await Promise.all(pending);
      expect(derived).toBe(true);
    }
    const { pending } = check.inspect(viewAt(1), entry, await opened('test.assent.example/none'));
    await expectRefusal('signature_invalid', Promise.all(pending));
  });
});
