/**
 * Verifying, offline, what a subject opens of its own: that a key signed just what an entry says, under just the text that
 * was shown; that the key was bound to the person of this relationship; and that a party identified the person for it, or for
 * the key that added it.
 *
 * What this can't show the ledger attests, and the audit derives: that the key had not ended when it signed, nor waited to be
 * affirmed since the log was continued, and that it was
 * this relationship's person whose document was checked, whose number a receipt does not open.
 *
 * @module
 */
import { utf8 } from '../bytes.ts';
import { equalJson, type Json, type JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { hashLeaf, parseHashText } from '../hash.ts';
import type { PartyId } from '../ids.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { isObject } from '../shape.ts';
import type { VerifiedCheckpoint } from '../tlog/checkpoint.ts';
import { type Entry, parseEntry } from '../tlog/entry.ts';
import { verifyInclusion } from '../tlog/inclusion.ts';
import { digestText } from '../tlog/payload.ts';
import { parseTlogProof } from '../tlog/proof.ts';
import { kindOf, parseStream, partyStream } from '../tlog/stream.ts';
import type { SubjectCrypto } from '../webauthn/assertion.ts';
import { absentP256, type P256 } from '../webauthn/p256.ts';
import { type KeyOfPerson, readBinding, verifyByParty } from './bound-key.ts';
import { asEpoch } from './epoch.ts';
import { evidenceOf, type KeyKind } from './evidence.ts';
import { issuingKeysAt } from './issuing-key.ts';
import { keyAddStatement } from './key-add.ts';
import { isByLink } from './link.ts';
import { type LogState, namesBefore } from './log.ts';
import { type OpenedSlice, openPayload, openSlice, signerOf, verifySliceSignatures } from './open-slice.ts';
import type { Party } from './party.ts';
import type { BoundKey, KeyBound } from './person.ts';
import type { BoundKeyShown, ShownEvidence, Slice } from './receipt.ts';
import type { Relationship } from './relationship.ts';
import { commandOf, evolve } from './rules.ts';
import { requireSession } from './session.ts';
import { verifyBinding, verifyKeyAdd, verifyOneOf, verifySession } from './signature.ts';
import { isBySession, isSigned, type Opened, signedStatements } from './signed-statement.ts';
import { bindingSigningBytes } from './statement.ts';
import type { SubjectKey } from './subject-key.ts';

/** What a subject signed, and by which key. */
export interface VerifiedSignature {
  /** The place of its entry in the relationship. */
  readonly seq: number;
  readonly type: string;
  /** What the key signed: the act itself, or the opening of the session that it came out of. */
  readonly by: 'statement' | 'session';
  readonly kind: KeyKind;
  /** The text of the key that signed. */
  readonly key: string;
  /** Of a key that another one added: for that one, however far back. */
  readonly identified_by: PartyId | null;
  /** The text of the key that added the one that signed; absent: no other key did. */
  readonly added_by?: string;
  /** The exact text that a letter was signed under; null where it is not opened, and of what is signed without one. */
  readonly text: string | null;
  /** `not checked`: by a passkey of ES256, and no P-256 was at hand. */
  readonly signature: 'verified' | 'not checked';
}

/** What the rest of the receipt has shown. */
export interface Shown {
  readonly log: string;
  readonly own: OpenedSlice;
  readonly checkpoint: VerifiedCheckpoint;
  /** The log's state before what the receipt is of: which key signed when. */
  readonly keys: LogState;
  readonly ed25519: Ed25519;
  readonly p256: P256 | undefined;
}

interface ShownKey extends KeyOfPerson {
  readonly entry: Entry;
  readonly body: KeyBound;
  /** What the key that added it signed; undefined: no other key did. */
  readonly approval: Json | undefined;
}

/** A key that was followed to who identified its person. */
interface FollowedKey extends ShownKey {
  readonly identified: Pick<BoundKey, 'method' | 'identified_by'>;
  readonly added: Pick<VerifiedSignature, 'added_by'>;
  /** Whether all was verified that it rests on. */
  readonly isVerified: boolean;
}

/**
 * Verifies what is opened, all of it. In the order of the relationship.
 *
 * @throws {Failure} `receipt_invalid`, `entry_invalid`, `commitment_invalid`, `signature_invalid`, `proof_invalid`
 */
export async function verifyEvidence(shown: Shown, evidence: ShownEvidence): Promise<readonly VerifiedSignature[]> {
  const keys = await followKeys(shown, await Promise.all(evidence.keys.map((each) => openKey(shown, each))));
  const opened = openEntries(shown.own, evidence);
  const person = opened.get(0)?.['person'];
  const texts = textsOf(shown.own, opened);
  const verified: VerifiedSignature[] = [];
  let state: JsonObject | undefined;
  for (const entry of shown.own.entries) {
    const parts = opened.get(entry.seq);
    if (parts !== undefined && isSigned(entry.type) && !isByLink(entry)) {
      const relationship = state as unknown as Relationship;
      const { key, signature } = await openSignature(shown, keys, { entry, parts, relationship, person });
      const { kind } = key.body;
      const { identified_by } = key.identified;
      const text = texts.get(entry.body['letter']) ?? null;
      const by = isBySession(entry) ? 'session' : 'statement';
      verified.push({
        seq: entry.seq,
        type: entry.type,
        by,
        kind,
        key: key.text,
        identified_by,
        ...key.added,
        text,
        signature,
      });
    }
    state = evolve(state, commandOf(entry).type, entry);
  }
  return verified;
}

/** Every part that is opened of the relationship's entries, by their place: of its opening, of drafts, of what was signed. */
function openEntries({ entries }: OpenedSlice, evidence: ShownEvidence): ReadonlyMap<number, Opened> {
  const opened = new Map<number, Opened>();
  const seen = new Set<number>();
  for (const each of evidence.opened) {
    const entry = entries[each.seq];
    const isShown =
      entry !== undefined && (isOpening(entry) || entry.type === 'letter.drafted' || isSigned(entry.type));
    if (!isShown || seen.has(each.seq)) throw invalid('it opens an entry that its subject did not sign, or one twice');
    const parts = openPayload(entry, each, `seq ${each.seq}`);
    // What is named by its digest alone is withheld: there is nothing to verify of it.
    if (Object.keys(parts).length > 0) opened.set(each.seq, parts);
    seen.add(each.seq);
  }
  return opened;
}

function isOpening({ type }: Entry): boolean {
  return type === 'relationship.opened';
}

/** The texts of letters, as far as they are opened: those that their drafts, and so what was signed, name. */
function textsOf({ entries }: OpenedSlice, opened: ReadonlyMap<number, Opened>): ReadonlyMap<Json | undefined, string> {
  const texts = new Map<Json | undefined, string>();
  for (const [seq, { text, text_salt: salt }] of opened) {
    const { type, body } = entries[seq] as Entry;
    if (type !== 'letter.drafted') continue;
    if (typeof text !== 'string' || typeof salt !== 'string') throw invalid('a text is opened with its salt');
    if (digestText(parseHashText(salt), text) !== body['text'])
      throw invalid('another text is opened than was drafted');
    texts.set(body['letter'], text);
  }
  return texts;
}

interface ToVerify {
  readonly entry: Entry;
  readonly parts: Opened;
  readonly relationship: Relationship;
  /** Whose relationship it is, as its opening says. */
  readonly person: Json | undefined;
}

async function openSignature(
  shown: Shown,
  keys: ReadonlyMap<string, FollowedKey>,
  { entry, parts, relationship, person }: ToVerify,
) {
  const { binding, signature } = parts;
  if (!isObject(binding) || typeof signature !== 'string') throw invalid('a signature is opened with its key’s place');
  const key = keys.get(`${String(binding['stream'])}/${String(binding['seq'])}`);
  if (key === undefined) throw invalid('the key that signed is not shown');
  if (typeof person !== 'string' || key.entry.stream !== parseStream(`person/${person}`)) {
    throw invalid('it is signed with the key of someone else');
  }
  if (key.entry.time > entry.time) throw invalid('it is signed with a key that was bound later');
  if (
    !equalJson(evidenceOf({ kind: key.body.kind, ...key.identified }, relationship.grantee), entry.body['evidence'])
  ) {
    throw invalid('the grade of its evidence is derived otherwise');
  }
  const names = namesBefore(shown.keys, entry.log);
  const verify = signatureOf({ entry, parts, relationship, person }, names, { key: key.key, signature });
  const crypto = cryptoFor(shown, key);
  if (crypto === undefined) return { key, signature: 'not checked' } as const;
  await verify(crypto);
  return { key, signature: key.isVerified ? 'verified' : 'not checked' } as const;
}

/** What is left to verify of a signature once what it is over is known to be what the entry says. */
function signatureOf(
  { entry, relationship, parts }: ToVerify,
  names: readonly string[],
  signed: { readonly key: SubjectKey; readonly signature: string },
): (crypto: SubjectCrypto) => Promise<void> {
  if (isBySession(entry)) {
    const { session } = parts;
    if (!isObject(session)) throw invalid('an act by session is opened with what opened the session');
    requireSession(entry, session);
    return (crypto) => verifySession(crypto, { session, ...signed });
  }
  const statements = signedStatements(entry, relationship, parts, names);
  return (crypto) => verifyOneOf(crypto, statements, signed);
}

/** The entry that bound a key, in the tree, and what it rests on. */
async function openKey(shown: Shown, each: BoundKeyShown): Promise<ShownKey> {
  const { log, own, checkpoint, keys, ed25519 } = shown;
  const bytes = utf8(each.entry);
  const entry = parseEntry(bytes);
  const leaf = hashLeaf(bytes);
  const { index, proof } = parseTlogProof(each.proof);
  verifyInclusion(proof, index, leaf, checkpoint);
  const signed = { leaf, signature: each.signature };
  if ((await signerOf(ed25519, issuingKeysAt(keys, entry.time), signed)) === undefined) {
    throw new Failure('signature_invalid', 'the entry of a key is not signed by the issuing key');
  }
  const isBinding = entry.log === log && entry.type === 'person.key_bound' && kindOf(entry.stream) === 'person';
  if (!isBinding || index >= own.index)
    throw invalid('an entry is shown that bound no key before what the receipt is of');
  const body = commandOf(entry).input as KeyBound;
  const { binding, possession, identification, approval } = openPayload(entry, each, 'the entry of a key');
  if (!isObject(binding) || typeof possession !== 'string') throw invalid('a key is shown with its binding');
  const key = { ...readBinding(entry, binding), entry, body, approval };
  const crypto = cryptoFor(shown, key);
  if (crypto !== undefined) await verifyBinding(crypto, { binding, key: key.key, signature: possession });
  if (body.identified_by === null) {
    if (each.identifier !== null) throw invalid('a party is shown that identified nobody');
    return key;
  }
  if (each.identifier === null || typeof identification !== 'string')
    throw invalid('who identified the person is missing');
  const party = await openIdentifier(shown, each.identifier, body.identified_by, index);
  // The party's keys counted in the epoch that the binding says; which of them a keeper named since then is not shown.
  await verifyByParty(ed25519, party, asEpoch(body.epoch ?? 0), bindingSigningBytes(binding), identification);
  return key;
}

/**
 * Follows the keys that other keys added, from who identified the person on: a key stands in its stream after the one that
 * added it.
 */
async function followKeys(shown: Shown, opened: readonly ShownKey[]): Promise<ReadonlyMap<string, FollowedKey>> {
  const followed = new Map<string, FollowedKey>();
  for (const key of [...opened].sort((a, b) => a.entry.seq - b.entry.seq)) {
    followed.set(`${key.entry.stream}/${key.entry.seq}`, await followKey(shown, followed, key));
  }
  return followed;
}

async function followKey(shown: Shown, before: ReadonlyMap<string, FollowedKey>, key: ShownKey): Promise<FollowedKey> {
  const { entry, body, approval } = key;
  const isVerified = cryptoFor(shown, key) !== undefined;
  if (body.method !== 'existing_key') {
    return {
      ...key,
      identified: { method: body.method, identified_by: body.identified_by },
      added: {},
      isVerified,
    };
  }
  const signer = before.get(`${entry.stream}/${String(body.signed_by)}`);
  if (signer === undefined) throw invalid('the key that added another is not shown');
  if (typeof approval !== 'string') throw invalid('a key that another one added is shown with what that one signed');
  const said = { log: entry.log, handle: key.handle, key: key.text, signedAt: Number(body.signed_at) };
  const crypto = cryptoFor(shown, signer);
  if (crypto !== undefined) {
    await verifyKeyAdd(crypto, { statement: keyAddStatement(said), key: signer.key, signature: approval });
  }
  return {
    ...key,
    identified: signer.identified,
    added: { added_by: signer.text },
    isVerified: isVerified && signer.isVerified,
  };
}

/** A party's stream as it was before a binding. */
async function openIdentifier(shown: Shown, slice: Slice, identifiedBy: PartyId, index: number): Promise<Party> {
  const opened = openSlice(slice, shown.log, shown.checkpoint);
  if (opened.stream !== partyStream(identifiedBy) || opened.index >= index) {
    throw invalid('the identifying party is another, or is shown as it was later');
  }
  await verifySliceSignatures(shown.ed25519, shown.keys, slice, opened);
  let state: JsonObject | undefined;
  for (const entry of opened.entries) state = evolve(state, commandOf(entry).type, entry);
  return state as unknown as Party;
}

/** What a key's signatures are verified with; undefined where that is not at hand. */
function cryptoFor({ ed25519, p256 }: Shown, { key }: KeyOfPerson): SubjectCrypto | undefined {
  if (p256 === undefined && key.kind === 'passkey' && key.cose.alg === 'ES256') return undefined;
  return { ed25519, p256: p256 ?? absentP256 };
}

function invalid(message: string): Failure {
  return new Failure('receipt_invalid', message);
}
