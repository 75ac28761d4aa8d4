/** A receipt in which its subject opens what it signed: verified offline, and found where anything of it is otherwise. */
import { describe, expect, test } from 'vitest';
import { webcryptoP256 } from '#client/webcrypto-p256.ts';
import type { JsonObject } from '#core/canonical.ts';
import type { ShownEvidence } from '#core/consent/receipt.ts';
import type { Verdict } from '#core/consent/verdict.ts';
import { explainReceipt, verifyReceipt } from '#core/consent/verify-receipt.ts';
import { useSha256 } from '#core/hash.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from '../../../src/native.ts';
import { newPasskey } from '../../support/authenticator.ts';
import { expectRefusal } from '../../support/failure.ts';
import { changedAt, leavesOf } from './corrupt.ts';
import { ed25519Signer, type Lies, passkeySigner, provers, type Signer, type Told, told } from './paper-evidence.ts';
import { GRADE_B, IDENTIFIER, LENDER, MINUTE, operatorOf, paperId, seedOf, TODAY } from './paper-ledger.ts';
import { fileOf, keysOf, type Parts } from './paper-receipt.ts';

useSha256(nativeSha256);

const keys = await keysOf(0x41);
const SIGNERS: Readonly<Record<string, Signer>> = {
  'an Ed25519 key': await ed25519Signer(7),
  'a passkey of ES256': passkeySigner(),
  'a passkey of Ed25519': passkeySigner(newPasskey('app.lender.example', 'EdDSA')),
};
const stranger = await ed25519Signer(8);
const honest = await told(keys, SIGNERS['a passkey of ES256'] as Signer);

const verdictOf = (parts: Parts): Promise<Verdict> =>
  verifyReceipt(fileOf(parts), keys.vkey, nativeEd25519, nativeP256);
const evidenceOf = ({ parts }: Told) => parts.evidence as ShownEvidence;
const withEvidence = (change: (evidence: ShownEvidence) => unknown, of = honest): Parts => ({
  ...of.parts,
  evidence: change(evidenceOf(of)) as ShownEvidence,
});
async function expectInvalid(parts: Parts, message: string | RegExp = ''): Promise<void> {
  const verdict = await verdictOf(parts);
  expect(verdict.recorded).toBe('invalid');
  expect(verdict.signatures).toEqual([]);
  expect(verdict.problem?.message).toMatch(message);
}

describe('what a subject signed', () => {
  test.each(Object.entries(SIGNERS))('by %s is verified, with the text that it is under', async (_what, signer) => {
    const { parts } = await told(keys, signer);
    const kind = signer.key.startsWith('passkey:') ? 'passkey' : 'ed25519';
    const common = { kind, key: signer.key, identified_by: IDENTIFIER, signature: 'verified' };
    const runtimes = [
      [nativeEd25519, nativeP256],
      [portableEd25519, webcryptoP256],
    ] as const;
    for (const [ed25519, p256] of runtimes) {
      const verdict = await verifyReceipt(fileOf(parts), keys.vkey, ed25519, p256);
      expect(verdict).toMatchObject({ recorded: 'unwitnessed', payload: 'opened', problem: null });
      expect(verdict.signatures).toEqual([
        { seq: 2, type: 'letter.signed', by: 'statement', ...common, text: '示例授权书（纸上）' },
        { seq: 3, type: 'grant.revoked', by: 'statement', ...common, text: null },
      ]);
      expect(verdict.facts.map(({ en }) => en)).toEqual([
        'seq 2 letter.signed: that its key had not ended, and that it was its subject who was identified',
        'seq 3 grant.revoked: that its key had not ended, and that it was its subject who was identified',
      ]);
    }
  });

  test.each(Object.entries(SIGNERS))('by a session that %s opened is shown as that', async (_what, signer) => {
    const { parts } = await told(keys, signer, { session: {} });
    const { problem, signatures, facts } = await verdictOf(parts);
    expect(problem).toBeNull();
    expect(signatures.map(({ type, by, signature }) => [type, by, signature])).toEqual([
      ['letter.signed', 'statement', 'verified'],
      ['grant.revoked', 'session', 'verified'],
    ]);
    expect(facts[1]?.en).toBe(
      'seq 3 grant.revoked: that it was done in the session that its key opened, that its key had not ended, and that it was its subject who was identified',
    );
    const { evidence: _closed, ...bare } = parts;
    expect((await verdictOf(bare as Parts)).facts[1]?.en).toMatch(
      /^seq 3 grant\.revoked: done by session with evidence of/,
    );
  });

  test('is not called verified where there is no P-256; all else still is', async () => {
    const verdict = await verifyReceipt(fileOf(honest.parts), keys.vkey, portableEd25519);
    expect(verdict.problem).toBeNull();
    expect(verdict.signatures.map(({ signature }) => signature)).toEqual(['not checked', 'not checked']);
    expect(verdict.facts[0]?.en).toMatch(/^seq 2 letter\.signed: signed with evidence of grade B/);
    for (const of of ['an Ed25519 key', 'a passkey of Ed25519']) {
      const { parts } = await told(keys, SIGNERS[of] as Signer);
      const { signatures } = await verifyReceipt(fileOf(parts), keys.vkey, portableEd25519);
      expect(signatures.map(({ signature }) => signature)).toEqual(['verified', 'verified']);
    }
  });

  test('rests on nobody where only a link vouches for the key', async () => {
    const { parts } = await told(keys, stranger, { link: true });
    const { signatures, problem } = await verdictOf(parts);
    expect(problem).toBeNull();
    expect(signatures.map(({ identified_by }) => identified_by)).toEqual([null, null]);
  });

  test.each(Object.entries(SIGNERS))(
    'with a key that %s added is followed to who identified for that one',
    async (_what, by) => {
      const signer = SIGNERS['a passkey of ES256'] as Signer;
      const { parts } = await told(keys, { ...signer, ...passkeySigner() }, { addedBy: by });
      const { problem, signatures } = await verdictOf(parts);
      expect(problem).toBeNull();
      const common = { kind: 'passkey', identified_by: IDENTIFIER, added_by: by.key, signature: 'verified' };
      expect(signatures).toMatchObject([common, common]);
    },
  );

  test('with a key that one of a link added rests on nobody', async () => {
    const { parts } = await told(keys, stranger, { addedBy: await ed25519Signer(9), link: true });
    const { signatures, problem } = await verdictOf(parts);
    expect(problem).toBeNull();
    expect(signatures.map(({ identified_by }) => identified_by)).toEqual([null, null]);
  });

  test('is not called verified where what added its key was not checked', async () => {
    const { parts } = await told(keys, stranger, { addedBy: passkeySigner() });
    const { signatures, problem } = await verifyReceipt(fileOf(parts), keys.vkey, portableEd25519);
    expect([problem, ...signatures.map(({ signature }) => signature)]).toEqual([null, 'not checked', 'not checked']);
  });

  test('may be opened in part: a text, a signature, or nothing but whose it is', async () => {
    const only = (...seqs: readonly number[]) =>
      withEvidence(({ keys: shown, opened }) => ({
        keys: shown,
        opened: opened.filter(({ seq }) => seqs.includes(seq)),
      }));
    for (const [seqs, texts] of [
      [[0], []],
      [[0, 2], [null]],
      [[0, 1, 2], ['示例授权书（纸上）']],
      [[0, 3], [null]],
    ] as const) {
      const { signatures, problem } = await verdictOf(only(...seqs));
      expect([problem, signatures.map(({ text }) => text)]).toEqual([null, texts]);
    }
  });

  test('is verified before anything is explained', async () => {
    const file = fileOf(honest.parts);
    expect(await explainReceipt(file, keys.vkey, nativeEd25519, nativeP256)).toMatchObject({ decision: 'deny' });
    const lied = await told(keys, SIGNERS['a passkey of ES256'] as Signer, { signer: passkeySigner() });
    const explained = explainReceipt(fileOf(lied.parts), keys.vkey, nativeEd25519, nativeP256);
    await expectRefusal('signature_invalid', explained);
  });
});

const other = await ed25519Signer(9);
const ofLender = await nativeEd25519.importSeed(seedOf(operatorOf(LENDER, 'query')));

describe('a keeper who turned is found', () => {
  test.each<[string, Lies, string]>([
    ['a signature of another key', { signer: passkeySigner() }, 'did not sign this'],
    ['a signature over something else', { statement: { nonce: 'x' } }, 'it is over another challenge'],
    ['another text than was drafted', { text: '另一' }, 'another text is opened than was drafted'],
    ['the key of somebody else', { person: paperId(0xe9) }, 'the key of someone else'],
    ['a key that is not shown', { place: { seq: 1 } }, 'the key that signed is not shown'],
    ['no possession of the key', { possession: passkeySigner() }, 'did not sign this'],
    ['no identification', { identifier: ofLender }, 'no key of the identifying party signed this'],
    ['another method than was bound', { binding: { method: 'link' } }, 'its binding says another method'],
    ['another key than was bound', { binding: { key: other.key } }, 'another kind of key'],
    ['a binding for another log', { binding: { log: 'other.example/log' } }, 'not of this log'],
  ])('who shows %s', async (_what, lies, message) => {
    const { parts } = await told(keys, SIGNERS['a passkey of ES256'] as Signer, lies);
    await expectInvalid(parts, message);
  });

  test.each<[string, Lies, string]>([
    ['was not added by that one', { approver: other }, 'did not sign this'],
    ['was added elsewhere', { approval: { log: 'other.example/log' } }, 'did not sign this'],
    ['was added to another relationship', { approval: { handle: paperId(0xd8) } }, 'did not sign this'],
    ['is another than was added', { approval: { key: other.key } }, 'did not sign this'],
    ['was added at another time', { approval: { signed_at: TODAY } }, 'did not sign this'],
    ['is said to be of a better grade', { link: true, evidence: GRADE_B }, 'derived otherwise'],
  ])('who shows a key that %s', async (_what, lies, message) => {
    const { parts } = await told(keys, passkeySigner(), { addedBy: stranger, ...lies });
    await expectInvalid(parts, message);
  });

  test('who leaves out the key that added the one that signed, or what it signed', async () => {
    const chained = await told(keys, passkeySigner(), { addedBy: stranger });
    const [first, last] = evidenceOf(chained).keys as [ShownEvidence['keys'][number], ShownEvidence['keys'][number]];
    const showing = (...shown: readonly unknown[]) => withEvidence((all) => ({ ...all, keys: shown }), chained);
    expect((await verdictOf(showing(last, first))).problem).toBeNull();
    await expectInvalid(showing(last), 'the key that added another is not shown');
    await expectInvalid(showing(first), 'the key that signed is not shown');
    const { approval: _approval, ...closed } = last.parts;
    await expectInvalid(showing(first, { ...last, parts: closed }), 'shown with what that one signed');
  });

  test.each<[string, Lies, string]>([
    ['another key opened', { session: {}, opener: passkeySigner() }, 'did not sign this'],
    ['is of another log', { session: { log: 'other.example/log' } }, 'its session is of another log'],
    ['started later', { session: { started_at: TODAY + MINUTE + 1 } }, 'its session started later'],
    ['had ended', { session: { started_at: TODAY + MINUTE - 12 * 60 * MINUTE } }, 'its session had ended'],
    ['says something else besides', { session: { kind: 'revoke' } }, 'no other field than'],
  ])('who shows an act by a session that %s', async (_what, lies, message) => {
    const signer = SIGNERS['a passkey of ES256'] as Signer;
    const { parts } = await told(keys, signer, lies);
    await expectInvalid(parts, message);
  });

  test('who shows an act by session without what opened it', async () => {
    const made = await told(keys, SIGNERS['an Ed25519 key'] as Signer, { session: {} });
    const { opened } = evidenceOf(made);
    expect(Object.keys(opened.at(-1)?.parts ?? {}).sort()).toEqual(['binding', 'session', 'signature']);
    const bare = opened.map((each) => {
      const { session: _left, ...parts } = each.parts;
      return { ...each, parts };
    });
    await expectInvalid(
      withEvidence((shown) => ({ ...shown, opened: bare }), made),
      'opened with what opened the session',
    );
  });

  test('who attests other evidence than the key is good for', async () => {
    const { parts } = await told(keys, stranger, { evidence: { identified_by: LENDER, grade: 'D' } });
    await expectInvalid(parts, 'the grade of its evidence is derived otherwise');
  });
});

describe('evidence that is changed', () => {
  const evidence = evidenceOf(honest) as unknown as JsonObject;
  const leaves = leavesOf(evidence);

  test('in any one place is found', async () => {
    expect(leaves.length).toBeGreaterThan(40);
    for (const path of leaves) {
      const parts = { ...honest.parts, evidence: changedAt(evidence, path) as unknown as ShownEvidence };
      const verdict = await verdictOf(parts);
      expect([path.join('.'), verdict.recorded]).toEqual([path.join('.'), 'invalid']);
    }
  });

  test('by leaving out what the rest rests on is found', async () => {
    const [key] = evidenceOf(honest).keys;
    const without = (seq: number, part: string) =>
      withEvidence(({ keys: shown, opened }) => ({
        keys: shown,
        opened: opened.map((each) => {
          const { [part]: _left, ...parts } = each.parts;
          return each.seq === seq ? { ...each, parts } : each;
        }),
      }));
    await expectInvalid(
      withEvidence((shown) => ({ ...shown, keys: [] })),
      'the key that signed is not shown',
    );
    await expectInvalid(
      withEvidence((shown) => ({ ...shown, keys: [{ ...key, identifier: null }] })),
      'who identified',
    );
    await expectInvalid(
      withEvidence((shown) => ({ ...shown, opened: shown.opened.slice(1) })),
      'someone else',
    );
    await expectInvalid(without(0, 'person'), 'someone else');
    await expectInvalid(without(2, 'signature'), 'opened with its key’s place');
    await expectInvalid(without(2, 'binding'), 'opened with its key’s place');
    await expectInvalid(without(1, 'text_salt'), 'a text is opened with its salt');
    for (const part of ['binding', 'possession', 'identification']) {
      const { [part]: _left, ...parts } = key?.parts ?? {};
      await expectInvalid(withEvidence((shown) => ({ ...shown, keys: [{ ...key, parts }] })));
    }
  });

  test('by showing what nobody signed, twice, or later, is found', async () => {
    const { opened, keys: shownKeys } = evidenceOf(honest);
    const access = { ...(opened[2] as object), seq: 4 };
    await expectInvalid(
      withEvidence((shown) => ({ ...shown, opened: [...opened, access] })),
      'did not sign',
    );
    await expectInvalid(
      withEvidence((shown) => ({ ...shown, opened: [...opened, opened[2]] })),
      'twice',
    );
    await expectInvalid(withEvidence((shown) => ({ ...shown, opened: [...opened, { ...opened[2], seq: 9_999 }] })));
    const { slice, proof } = await provers(honest.paper, keys);
    const [key] = shownKeys;
    const last = honest.paper.lines.length - 1;
    const shown = (change: object) => withEvidence((all) => ({ ...all, keys: [{ ...key, ...change }] }));
    await expectInvalid(
      shown({ identifier: await slice(partyStream(LENDER), last) }),
      'the identifying party is another',
    );
    await expectInvalid(shown({ identifier: await slice(LOG_STREAM, last) }), 'the identifying party is another');
    await expectInvalid(shown({ proof: proof(0) }));
    const later = await slice(partyStream(IDENTIFIER), last);
    expect(later.entries).toHaveLength(2);
    await expectInvalid(shown({ identifier: later }), 'is shown as it was later');
  });

  test('by a key of another tree of the same size is evidence against the keeper', async () => {
    const grown = await told(keys, SIGNERS['an Ed25519 key'] as Signer);
    const verdict = await verdictOf(withEvidence((all) => ({ ...all, keys: evidenceOf(grown).keys })));
    expect(verdict).toMatchObject({ recorded: 'diverged', signatures: [] });
  });
});
