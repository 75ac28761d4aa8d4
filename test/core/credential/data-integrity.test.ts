/** Proofs of eddsa-jcs-2022, and the did:keys that they are by: as others' vectors have them, and found where changed. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '#core/bytes.ts';
import type { Json, JsonObject } from '#core/canonical.ts';
import { parseBase58Btc, toBase58Btc } from '#core/credential/base58.ts';
import { addProof, proofSigningBytes, verifyProof } from '#core/credential/data-integrity.ts';
import { formatDidKey, methodOf, parseDidKey } from '#core/credential/did-key.ts';
import { sha256 } from '#core/hash.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { entrySigningBytes } from '#core/tlog/entry.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import { describeWithVectors, readVectors, sharedVectors } from '../../support/vectors.ts';
import { changedAt, leavesOf } from '../consent/corrupt.ts';

const FOLDER = 'vc-di-eddsa/TestVectors';
const key = await nativeEd25519.importSeed(new Uint8Array(32).fill(0x77));
const CREATED = '2026-11-27T00:00:00Z';
const document: JsonObject = { '@context': ['https://www.w3.org/ns/credentials/v2'], type: ['A'], n: { m: [1, 'x'] } };

describeWithVectors(FOLDER, 'the W3C vectors of eddsa-jcs-2022', () => {
  const text = (name: string) => readFileSync(sharedVectors(`${FOLDER}/eddsa-jcs-2022/${name}`), 'utf8').trim();

  test('are signed to the same bytes, and verified', async () => {
    const unsigned = readVectors<JsonObject>(`${FOLDER}/unsigned.json`);
    const signed = readVectors<JsonObject>(`${FOLDER}/eddsa-jcs-2022/signedJCS.json`);
    const options = readVectors<JsonObject>(`${FOLDER}/eddsa-jcs-2022/proofConfigJCS.json`);
    expect(toHex(proofSigningBytes(unsigned, options))).toBe(text('combinedHashJCS.txt'));
    const pair = readVectors<Record<string, string>>(`${FOLDER}/keyPair.json`);
    const seed = parseBase58Btc(pair['privateKeyMultibase'] as string).slice(2);
    const theirs = await nativeEd25519.importSeed(seed);
    expect(formatDidKey(theirs.publicKey)).toBe(`did:key:${pair['publicKeyMultibase']}`);
    expect(await addProof(unsigned, theirs, options['created'] as string)).toEqual(signed);
    for (const ed25519 of [nativeEd25519, portableEd25519]) {
      expect(await verifyProof(signed, ed25519)).toEqual(theirs.publicKey);
    }
    expect(toHex(parseBase58Btc(text('sigBTC58JCS.txt')))).toBe(text('sigHexJCS.txt'));
  });
});

describeWithVectors('did-key', 'the vectors of did:key', () => {
  const all = readVectors<Record<'ed25519' | 'p256' | 'secp256k1', readonly string[]>>('did-key/ed25519.json');

  test('are read and written for Ed25519, and refused for other curves', () => {
    for (const did of all.ed25519) expect(formatDidKey(parseDidKey(did))).toBe(did);
    for (const did of [...all.p256, ...all.secp256k1]) expectFailure('key_invalid', () => parseDidKey(did));
  });
});

describe('base58btc', () => {
  test('reads what it writes, leading zeros included, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 66 }), fc.nat(4), (tail, zeros) => {
        const bytes = Uint8Array.from([...new Uint8Array(zeros), ...tail]);
        expect(parseBase58Btc(toBase58Btc(bytes))).toEqual(bytes);
      }),
    );
    for (const text of ['', 'x', '2abc', 'z0', 'zO', 'zI', 'zl', 'z a', 'Z1', `z${'2'.repeat(200)}`]) {
      expectFailure('input_invalid', () => parseBase58Btc(text));
    }
  });
});

describe('a proof', () => {
  test('is by the key that it names, over exactly this document', async () => {
    const secured = await addProof(document, key, CREATED);
    expect(await verifyProof(secured, nativeEd25519)).toEqual(key.publicKey);
    for (const path of leavesOf(secured)) {
      const changed = changedAt(secured, path) as JsonObject;
      const outcome = await verifyProof(changed, nativeEd25519).then(
        () => 'verified',
        () => 'refused',
      );
      expect([path.join('.'), outcome]).toEqual([path.join('.'), 'refused']);
    }
    await expectRefusal('signature_invalid', verifyProof({ ...secured, added: 1 }, nativeEd25519));
    const { n: _left, ...less } = secured;
    await expectRefusal('signature_invalid', verifyProof(less, nativeEd25519));
  });

  test('that is none, two, by a method of another key, or longer, is refused', async () => {
    const secured = await addProof(document, key, CREATED);
    const proof = secured['proof'] as JsonObject;
    const other = formatDidKey((await nativeEd25519.importSeed(new Uint8Array(32).fill(0x78))).publicKey);
    const withProof = (change: Json) => verifyProof({ ...secured, proof: change }, nativeEd25519);
    await expectRefusal('proof_invalid', verifyProof(document, nativeEd25519));
    await expectRefusal('proof_invalid', withProof([proof, proof]));
    await expectRefusal('proof_invalid', withProof({ ...proof, verificationMethod: `${other}#z` }));
    await expectRefusal('signature_invalid', withProof({ ...proof, verificationMethod: methodOf(other) }));
    await expectRefusal('key_invalid', withProof({ ...proof, verificationMethod: 'did:web:a#a' }));
    await expectRefusal('signature_invalid', withProof({ ...proof, proofValue: `${proof['proofValue']}1` }));
    await expectRefusal('proof_invalid', withProof({ ...proof, proofValue: 'u' }));
    await expectRefusal('signature_invalid', withProof({ ...proof, expires: CREATED }));
  });

  test('is over bytes that no signature of an entry is over: another length', () => {
    const bytes = proofSigningBytes(document, { type: 'DataIntegrityProof' });
    expect(bytes).toHaveLength(64);
    expect(entrySigningBytes(sha256(new Uint8Array()))).not.toHaveLength(64);
  });
});
