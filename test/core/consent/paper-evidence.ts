/** What a subject opens of its own in a receipt, on paper: signed with real keys, honestly, or as a keeper who turned would. */
import { parseUtf8, toBase64Url } from '#core/bytes.ts';
import type { Json, JsonObject } from '#core/canonical.ts';
import { keyAddSigningBytes, keyAddStatement } from '#core/consent/key-add.ts';
import type { OpenedParts, ShownEvidence, Slice } from '#core/consent/receipt.ts';
import type { Command } from '#core/consent/rules.ts';
import {
  bindingSigningBytes,
  bindingStatement,
  letterStatement,
  revocationStatement,
  sessionSigningBytes,
  sessionStatement,
  statementSigningBytes,
} from '#core/consent/statement.ts';
import { type Hash, hashText, sha256 } from '#core/hash.ts';
import type { GrantId, Handle, LetterId, PersonId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { parseInclusionProof } from '#core/tlog/inclusion.ts';
import { commitTo, digestParts, digestText } from '#core/tlog/payload.ts';
import { formatTlogProof } from '#core/tlog/proof.ts';
import { partyStream, personStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import { parseIndex, parseSize } from '#core/tlog/tree.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { newPasskey, type Passkey } from '../../support/authenticator.ts';
import { naiveTree } from '../tlog/naive.ts';
import {
  ask,
  calledBy,
  draftInput,
  GRADE_B,
  GRADE_D,
  IDENTIFIER,
  LENDER,
  type Line,
  LOG,
  MINUTE,
  openedPaper,
  operatorOf,
  type Paper,
  paperId,
  revokeInput,
  sealedBy,
  seedOf,
  signInput,
  TODAY,
  terms,
} from './paper-ledger.ts';
import { type Keys, type LetterParts, letterReceiptOf, type Parts, receiptOf, signLeaf } from './paper-receipt.ts';
import { addedKey } from './paper-rules.ts';

const OWN_HANDLE = paperId<Handle>(0xd7);
const OWN: StreamId = relationshipStream(OWN_HANDLE);
const PERSON_ID = paperId<PersonId>(0xe7);
const LETTER_ID = paperId<LetterId>(0xe8);
const GRANT = paperId<GrantId>(0xf8);
const TEXT = '示例授权书（纸上）';
const SALT = new Uint8Array(32).fill(3);
const LATER = TODAY + MINUTE;

export interface Signer {
  /** The text of its key. */
  readonly key: string;
  sign(bytes: Uint8Array): Promise<string>;
}

export async function ed25519Signer(seed: number): Promise<Signer> {
  const key = await nativeEd25519.importSeed(new Uint8Array(32).fill(seed));
  return { key: toBase64Url(key.publicKey), sign: async (bytes) => toBase64Url(await key.sign(bytes)) };
}

export function passkeySigner(passkey: Passkey = newPasskey()): Signer {
  return { key: passkey.key, sign: async (bytes) => passkey.sign(bytes) };
}

/** Where a keeper who turned writes something else than was so. */
export interface Lies {
  readonly person?: string;
  readonly binding?: JsonObject;
  readonly possession?: Signer;
  readonly identifier?: SigningKey;
  readonly signer?: Signer;
  readonly statement?: JsonObject;
  readonly place?: JsonObject;
  readonly text?: string;
  /** What is signed is attested with this grade. */
  readonly evidence?: JsonObject;
  /** The grant is taken back by session, which this statement opened, changed so. */
  readonly session?: JsonObject;
  readonly opener?: Signer;
  /** The key rests on a link. */
  readonly link?: boolean;
  /** The key that signs was added by this one, which stands on who identified its person. */
  readonly addedBy?: Signer;
  /** Who signed that instead, and over what. */
  readonly approver?: Signer;
  readonly approval?: JsonObject;
}

export interface Told {
  readonly paper: Paper;
  readonly access: Line;
  readonly parts: Parts;
  /** The receipt of the letter alone, opened as far as it goes. */
  readonly letter: LetterParts;
}

const kindOf = ({ key }: Signer) => (key.startsWith('passkey:') ? 'passkey' : 'ed25519');

/** A letter that a key signed and a grant that it took back, a decision after them, and the receipt that opens it all. */
export async function told(keys: Keys, signer: Signer, lies: Lies = {}): Promise<Told> {
  const paper = openedPaper(keys.texts);
  const shown: Record<number, OpenedParts> = {};
  function write(command: Command, time: number, values: Readonly<Record<string, Json>>): Line {
    const payload = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        { owner: 'subject' as const, salt: sha256(new TextEncoder().encode(`${name}${paper.lines.length}`)), value },
      ]),
    );
    const digests = digestParts(payload);
    const line = paper.write(command, time, commitTo(digests));
    shown[line.index] = {
      digests: Object.fromEntries(Object.entries(digests).map(([name, digest]) => [name, hashText(digest)])),
      parts: Object.fromEntries(
        Object.entries(payload).map(([name, { salt, value }]) => [name, { salt: toBase64Url(salt), value }]),
      ),
    };
    return line;
  }

  const opening = write(
    {
      type: 'relationship.opened',
      stream: OWN,
      input: { grantee: LENDER, subject: 'person', frozen: null, ...sealedBy(LENDER) },
    },
    TODAY - 3 * MINUTE,
    { person: lies.person ?? PERSON_ID },
  );

  const identified = lies.link === true ? { method: 'link', by: null, at: null } : BY_PROVIDER;
  const identifier = lies.identifier ?? (await nativeEd25519.importSeed(seedOf(operatorOf(IDENTIFIER, 'query'))));
  async function bind(own: Signer): Promise<Line> {
    const binding = {
      ...bindingStatement({
        log: LOG,
        handle: OWN_HANDLE,
        key: own.key,
        identity: lies.link === true ? null : 'I',
        method: identified.method as 'link',
        identifiedBy: identified.by,
        identifiedAt: identified.at,
      }),
      ...lies.binding,
    };
    const bytes = bindingSigningBytes(binding);
    return write(
      {
        type: 'person.key_bound',
        stream: personStream(PERSON_ID),
        input: {
          kind: kindOf(own),
          method: identified.method,
          identified_by: identified.by,
          identified_at: identified.at,
          enrolled_by: LENDER,
          ...sealedBy(LENDER),
        } as never,
      },
      TODAY - 2 * MINUTE,
      {
        binding,
        possession: await (lies.possession ?? own).sign(bytes),
        ...(lies.link === true ? {} : { identification: toBase64Url(await identifier.sign(bytes)) }),
      },
    );
  }
  /** The key that signs, by the one at place 0. */
  async function add(own: Signer, by: Signer): Promise<Line> {
    const alone = { identity: null, method: 'existing_key', identifiedBy: null, identifiedAt: null } as const;
    const signedAt = TODAY - 2 * MINUTE;
    const said = { log: LOG, handle: OWN_HANDLE, key: own.key };
    const binding = bindingStatement({ ...said, ...alone });
    const approval = { ...keyAddStatement({ ...said, signedAt }), ...lies.approval };
    return write(
      {
        type: 'person.key_bound',
        stream: personStream(PERSON_ID),
        input: addedKey({ kind: kindOf(own), signed_at: signedAt }),
      },
      TODAY - 2 * MINUTE,
      {
        binding,
        possession: await own.sign(bindingSigningBytes(binding)),
        approval: await (lies.approver ?? by).sign(keyAddSigningBytes(approval)),
      },
    );
  }
  const bound =
    lies.addedBy === undefined ? [await bind(signer)] : [await bind(lies.addedBy), await add(signer, lies.addedBy)];

  // The party goes on, with another key.
  const added = { key: 'A'.repeat(43), operator: operatorOf(IDENTIFIER, 'query'), duty: 'query' as const };
  const adding = { ...added, ...calledBy(IDENTIFIER, 'admin') };
  paper.write({ type: 'party.key_added', stream: partyStream(IDENTIFIER), input: adding }, TODAY - 2 * MINUTE);

  const clauses = [terms({ grant: GRANT })];
  const text = digestText(SALT, TEXT);
  const input = draftInput({ letter: LETTER_ID, grants: clauses, text });
  const draft = write({ type: 'letter.drafted', stream: OWN, input }, TODAY - MINUTE, {
    text: lies.text ?? TEXT,
    text_salt: toBase64Url(SALT),
  });
  const evidence = {
    ...(lies.link === true ? GRADE_D : GRADE_B),
    ...lies.evidence,
    kind: lies.evidence?.['kind'] ?? kindOf(signer),
  } as never;
  const place = { stream: personStream(PERSON_ID), seq: bound.length - 1, ...lies.place };
  const signing = async (statement: JsonObject) =>
    (lies.signer ?? signer).sign(statementSigningBytes({ ...statement, ...lies.statement }));
  const letter = letterStatement({
    log: LOG,
    ref: LETTER_ID,
    grantee: LENDER,
    draft: { ...input, template: null, asks: false, drafted_at: TODAY - MINUTE },
    given: [true],
    signedAt: TODAY,
  });
  const signed = write(
    {
      type: 'letter.signed',
      stream: OWN,
      input: signInput({ letter: LETTER_ID, given: [true], declined_items: [[]], evidence }),
    },
    TODAY,
    { signature: await signing(letter), binding: place },
  );
  const revocation = revocationStatement({ log: LOG, ref: GRANT, grantee: LENDER, signedAt: LATER });
  const session = { ...sessionStatement({ log: LOG, nonce: 'N', startedAt: TODAY }), ...lies.session };
  const bySession = {
    session,
    signature: await (lies.opener ?? signer).sign(sessionSigningBytes(session)),
    binding: place,
  };
  const revoked = write(
    {
      type: 'grant.revoked',
      stream: OWN,
      input: revokeInput({
        ...{ grant: GRANT, signed_at: LATER as Instant, evidence },
        ...(lies.session === undefined ? {} : { auth: 'session' }),
      }),
    },
    LATER,
    lies.session === undefined ? { signature: await signing(revocation), binding: place } : bySession,
  );
  const access = paper.write({ ...ask({ ground: { grant: GRANT } }), stream: OWN } as Command, LATER);

  const parts = await receiptOf(paper, keys, access);
  const opened = [opening, draft, signed, revoked].map((line) => ({
    seq: line.entry.seq,
    ...(shown[line.index] as OpenedParts),
  }));
  const { proof, slice } = await provers(paper, keys);
  const shownKeys = await Promise.all(
    bound.map(async (line, at) => ({
      entry: parseUtf8(line.bytes),
      signature: await signLeaf(keys, line.leaf),
      proof: proof(line.index),
      ...(shown[line.index] as OpenedParts),
      identifier: lies.link === true || at > 0 ? null : await slice(partyStream(IDENTIFIER), line.index - 1),
    })),
  );
  const shownEvidence: ShownEvidence = { keys: shownKeys, opened };
  const upToLetter = { keys: shownKeys, opened: opened.filter(({ seq }) => seq <= signed.entry.seq) };
  const letterParts = { ...(await letterReceiptOf(paper, keys, signed)), evidence: upToLetter };
  return { paper, access, parts: { ...parts, evidence: shownEvidence }, letter: letterParts };
}

const BY_PROVIDER = { method: 'identity_provider', by: IDENTIFIER, at: TODAY as Instant };

/** Proofs and slices under the checkpoint over the whole paper. */
export async function provers(paper: Paper, keys: Keys) {
  const size = paper.lines.length;
  const tree = naiveTree(paper.lines.map((line) => line.leaf));
  const checkpoint = await signCheckpoint(
    { origin: keys.vkey.name, size: parseSize(size), root: tree.root(size) },
    keys.log,
  );
  const proof = (index: number) =>
    formatTlogProof({ index: parseIndex(index), proof: parseInclusionProof(tree.inclusion(index, size)), checkpoint });
  const slice = async (stream: StreamId, indexMax: number): Promise<Slice> => {
    const lines = paper.lines.filter((line) => line.entry.stream === stream && line.index <= indexMax);
    return {
      stream,
      entries: lines.map((line) => parseUtf8(line.bytes)),
      signatures: await Promise.all(lines.map((line) => signLeaf(keys, line.leaf as Hash))),
      proof: proof((lines.at(-1) as Line).index),
    };
  };
  return { proof, slice };
}
