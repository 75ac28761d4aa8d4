/**
 * What the audit can still prove of signatures and bindings: everything, while the payload is there; what was attested,
 * once it is erased.
 *
 * @module
 */

import { canonicalText, type Json, type JsonObject } from '#core/canonical.ts';
import type { Ground } from '#core/consent/asked.ts';
import {
  answersShape,
  confirmShape,
  judgeAnswers,
  owedShape,
  partsBefore,
  returnToShape,
} from '#core/consent/before-signing.ts';
import { type KeyOfPerson, readBinding, verifyByParty } from '#core/consent/bound-key.ts';
import { isOwnAsking } from '#core/consent/candidates.ts';
import { epochIn } from '#core/consent/epoch.ts';
import { evidenceOf } from '#core/consent/evidence.ts';
import { keyAddStatement } from '#core/consent/key-add.ts';
import { lawAt } from '#core/consent/law.ts';
import type { LetterDrafted } from '#core/consent/letter.ts';
import { type Drafting, makeText, slotsShape } from '#core/consent/letter-text.ts';
import { isByLink } from '#core/consent/link.ts';
import { logIn, namesBefore } from '#core/consent/log.ts';
import { partyIn } from '#core/consent/party.ts';
import { boundKeyIn, personIn, requireMaySign } from '#core/consent/person.ts';
import { AFFIRMED_BY } from '#core/consent/person-affirm.ts';
import { questionsOf } from '#core/consent/pinned-template.ts';
import { relationshipIn } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { commandOf } from '#core/consent/rules.ts';
import { requireSession } from '#core/consent/session.ts';
import {
  verifyBinding,
  verifyKeyAdd,
  verifyKeyEnd,
  verifyOneOf,
  verifySession,
  verifyStatement,
} from '#core/consent/signature.ts';
import {
  HOLD_KIND_OF,
  isBySession,
  isSigned,
  type Opened,
  requireSays,
  signedStatements,
} from '#core/consent/signed-statement.ts';
import { bindingSigningBytes, digestIdentity, type Identifier, keyEndSigningBytes } from '#core/consent/statement.ts';
import type { SubjectKey } from '#core/consent/subject-key.ts';
import { Failure } from '#core/failure.ts';
import { parseHashText } from '#core/hash.ts';
import { flagsOf } from '#core/identifier/identifier.ts';
import type { Handle, LetterId, PartyId } from '#core/ids.ts';
import { isObject } from '#core/shape.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { digestText } from '#core/tlog/payload.ts';
import { idOf, parseStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import type { SubjectCrypto } from '#core/webauthn/assertion.ts';

/** A check that takes a while (a signature), to be awaited with others. */
export type Pending = Promise<void>;

export interface EvidenceCheck {
  /**
   * Checks what an entry's payload says against its body and the ledger before it. Answers whether everything that the
   * entry attests could be derived again; throws or rejects where it says otherwise.
   */
  inspect(
    view: View,
    entry: Entry,
    opened: Opened,
  ): { readonly derived: boolean; readonly pending: readonly Pending[] };
  /** The public key that was bound at a place, as far as its payload is still there. */
  keyAt(stream: StreamId, seq: number): SubjectKey | undefined;
  /** Which person's stream each relationship was opened for, as far as the payloads are still there. */
  readonly personOf: ReadonlyMap<StreamId, StreamId>;
}

export function checkEvidence(crypto: SubjectCrypto): EvidenceCheck {
  const personOf = new Map<StreamId, StreamId>();
  const keyAt = new Map<string, KeyOfPerson>();
  const identityOf = new Map<StreamId, Identifier>();
  const known = { crypto, personOf, identityOf, keyAt };
  return {
    personOf,
    keyAt: (stream, seq) => keyAt.get(`${stream}/${seq}`)?.key,
    inspect(view, entry, opened) {
      switch (entry.type) {
        case 'relationship.opened':
          return inspectOpening(known, view, entry, opened);
        case 'person.key_bound':
          return inspectBinding(known, view, entry, opened);
        case 'person.key_affirmed':
          return inspectAffirming(known, view, entry, opened);
        case 'person.key_ended':
          return inspectKeyEnd(known, view, entry, opened);
        case 'letter.drafted':
          return inspectDraft(view, entry, opened);
        case 'letter.answered':
          return inspectAnswered(view, entry, opened);
        case 'letter.signed_on_paper':
          return inspectPaper(opened);
        case 'person.frozen':
        case 'person.released':
          return inspectPersonHold(known, view, entry, opened);
        case 'hold.drafted':
          return isBySession(entry) ? inspectAsked(known, view, entry, opened) : DERIVED;
        case 'objection.opened':
          return isBySession(entry) ? inspectSigned(known, view, entry, opened) : DERIVED;
        case 'access.refused':
          return inspectRefused(view, entry, opened);
        case 'access.decided':
          return inspectSubject(known, entry);
        default:
          return isSigned(entry.type) && !isByLink(entry) ? inspectSigned(known, view, entry, opened) : DERIVED;
      }
    },
  };
}

interface Known {
  readonly crypto: SubjectCrypto;
  readonly personOf: Map<StreamId, StreamId>;
  /** Whom each relationship was opened for, as far as the payloads are still there. */
  readonly identityOf: Map<StreamId, Identifier>;
  /** Public keys by the place that bound them, `<stream>/<seq>`, as far as the payloads are still there. */
  readonly keyAt: Map<string, KeyOfPerson>;
}

function inspectOpening({ personOf, identityOf }: Known, view: View, entry: Entry, opened: Opened) {
  const { person, identity } = opened;
  if (typeof person === 'string') {
    const held = personIn(view, parseStream(`person/${person}`))?.frozen ?? null;
    const frozen = held && { grade: held.grade, signed_at: held.signed_at };
    if (!same(frozen, entry.body['frozen'] ?? null)) throw invalid('it opens with another freeze than its person’s');
  }
  if (isObject(identity)) requireFlags(view, entry, identity as unknown as Identifier);
  if (typeof person === 'string') personOf.set(entry.stream, parseStream(`person/${person}`));
  if (isObject(identity)) identityOf.set(entry.stream, identity as unknown as Identifier);
  return typeof person === 'string' && isObject(identity) ? DERIVED : NOT_DERIVED;
}

/** What is flagged of the document follows from its number, and from the packs that were in force. */
function requireFlags(view: View, { time, body }: Entry, identity: Identifier): void {
  const { flags = [] } = body;
  const legacy = Array.isArray(flags) && flags.includes('legacy_import');
  if (!same(flagsOf(identity, legacy, lawAt(view, time)?.isArea ?? null), flags)) {
    throw invalid('other things are flagged of its document than are so');
  }
}

function inspectBinding(known: Known, view: View, entry: Entry, opened: Opened) {
  const { crypto, personOf, keyAt } = known;
  const { binding, possession } = opened;
  if (!isObject(binding) || typeof possession !== 'string') return NOT_DERIVED;
  const bound = readBinding(entry, binding);
  const { key } = bound;
  const relationship = relationshipStream(bound.handle);
  if ((personOf.get(relationship) ?? entry.stream) !== entry.stream) throw invalid('its binding is of someone else');
  keyAt.set(`${entry.stream}/${entry.seq}`, bound);
  if (entry.body['auth'] === 'session') requireOwnGrantee(view, entry, relationship);
  const pending = [verifyBinding(crypto, { binding, key, signature: possession })];
  if (entry.body['method'] === 'existing_key') {
    const added = inspectAdding({ crypto, keyAt }, entry, bound, opened);
    return { derived: added.derived && personOf.has(relationship), pending: [...pending, ...added.pending] };
  }
  if (entry.body['identified_by'] === null) return { derived: true, pending };
  const identified = inspectIdentified(known, view, entry, { ...opened, binding }, relationship);
  return { derived: identified.derived, pending: [...pending, ...identified.pending] };
}

/** A key that gives again: its binding, signed anew by it and by who identified its holder, over the name of this log. */
function inspectAffirming(known: Known, view: View, entry: Entry, opened: Opened) {
  const { crypto, personOf, keyAt } = known;
  const { binding, possession } = opened;
  const bound = boundKeyIn(personIn(view, entry.stream), Number(entry.body['key']));
  if (!isObject(binding) || typeof possession !== 'string' || bound === undefined) return NOT_DERIVED;
  const { key, text, handle } = readBinding(
    { ...entry, body: { ...entry.body, method: AFFIRMED_BY, kind: bound.kind } },
    binding,
  );
  const relationship = relationshipStream(handle);
  if ((personOf.get(relationship) ?? entry.stream) !== entry.stream) throw invalid('its binding is of someone else');
  const before = keyAt.get(`${entry.stream}/${bound.seq}`);
  if (before !== undefined && before.text !== text) throw invalid('its binding is of another key');
  const identified = inspectIdentified(known, view, entry, { ...opened, binding }, relationship);
  const pending = [verifyBinding(crypto, { binding, key, signature: possession }), ...identified.pending];
  return { derived: identified.derived && before !== undefined, pending };
}

/** Who identified the holder of a key signed its binding, and for the one whom the relationship is about. */
function inspectIdentified(
  { crypto, identityOf }: Known,
  view: View,
  entry: Entry,
  { binding, identification, identity_salt: salt }: Opened & { readonly binding: JsonObject },
  relationship: StreamId,
) {
  if (typeof identification !== 'string' || typeof salt !== 'string') return NOT_DERIVED;
  const identity = identityOf.get(relationship);
  if (identity !== undefined && binding['identity'] !== digestIdentity(parseHashText(salt), identity)) {
    throw invalid('someone else was identified than its relationship is about');
  }
  const identifier = partyIn(view, entry.body['identified_by'] as PartyId);
  const identified = requireByParty(
    crypto.ed25519,
    identifier,
    logIn(view),
    bindingSigningBytes(binding),
    identification,
  );
  return { derived: identity !== undefined, pending: [identified] };
}

/** Which key another one adds: that this one is added, and until when, the entry and its binding say. */
function inspectAdding(
  { crypto, keyAt }: Pick<Known, 'crypto' | 'keyAt'>,
  { log, stream, body }: Entry,
  { handle, text }: KeyOfPerson,
  { approval }: Opened,
) {
  const signer = keyAt.get(`${stream}/${String(body['signed_by'])}`);
  if (signer === undefined || typeof approval !== 'string') return NOT_DERIVED;
  const statement = keyAddStatement({ log, handle, key: text, signedAt: Number(body['signed_at']) });
  return { derived: true, pending: [verifyKeyAdd(crypto, { statement, key: signer.key, signature: approval })] };
}

/** A link is of a letter of this one relationship, so whoever gave it is its grantee. */
function requireOwnGrantee(view: View, { body }: Entry, relationship: StreamId): void {
  if (relationshipIn(view, relationship)?.grantee === body['enrolled_by']) return;
  throw invalid('its link was given by another than the grantee');
}

/** Who ends a key says which, of whom; the entry names it by its place only. */
function inspectKeyEnd({ crypto, personOf, identityOf, keyAt }: Known, view: View, entry: Entry, opened: Opened) {
  const { statement, signature, identity_salt: salt } = opened;
  if (!isObject(statement) || typeof signature !== 'string') return NOT_DERIVED;
  const { identified_by = null, signed_at = null, key, signed_by } = entry.body;
  requireSays(statement, { log: entry.log, identified_by, signed_at });
  const relationship = relationshipStream(statement['handle'] as Handle);
  const owner = personOf.get(relationship);
  if ((owner ?? entry.stream) !== entry.stream) throw invalid('its statement is of someone else');
  const ending = keyAt.get(`${entry.stream}/${String(key)}`);
  if (ending !== undefined && statement['key'] !== ending.text) throw invalid('its statement is of another key');
  if (identified_by === null) {
    const signer = keyAt.get(`${entry.stream}/${String(signed_by)}`);
    requireSays(statement, { identity: null });
    if (signer === undefined) return NOT_DERIVED;
    const pending = [verifyKeyEnd(crypto, { statement, key: signer.key, signature })];
    return { derived: owner !== undefined && ending !== undefined, pending };
  }
  if (typeof salt !== 'string') return NOT_DERIVED;
  const identity = identityOf.get(relationship);
  if (identity !== undefined && statement['identity'] !== digestIdentity(parseHashText(salt), identity)) {
    throw invalid('someone else was identified than its relationship is about');
  }
  const identifier = partyIn(view, identified_by as PartyId);
  const pending = [requireByParty(crypto.ed25519, identifier, logIn(view), keyEndSigningBytes(statement), signature)];
  return { derived: identity !== undefined && ending !== undefined, pending };
}

async function requireByParty(...signed: Parameters<typeof verifyByParty>): Promise<void> {
  await verifyByParty(...signed);
}

/** The text that is kept is the one that the statement binds; and the one that template, grants and slots make. */
function inspectDraft(view: View, entry: Entry, opened: Opened) {
  const { text, text_salt: salt } = opened;
  if (typeof text !== 'string' || typeof salt !== 'string') return NOT_DERIVED;
  if (digestText(parseHashText(salt), text) !== entry.body['text'])
    throw invalid('another text is kept than was drafted');
  const drafted = commandOf(entry).input as LetterDrafted;
  const before = inspectBefore(drafted, opened);
  const { principal, template, grants } = drafted;
  const made = isObject(template) ? inspectMade(view, entry, { principal, template, grants }, opened) : DERIVED;
  return made.derived ? before : made;
}

/** What is shown and asked before a letter is signed is what its entry says: which facts, and who says so. */
function inspectBefore(drafted: LetterDrafted, opened: Opened) {
  const { confirm, return_to, owed } = opened;
  if (confirm !== undefined) {
    const shown = confirmShape(confirm, 'confirm').map(({ id, by }) => ({ id, by }));
    if (!same(shown, drafted.confirms ?? null)) throw invalid('other facts are shown to be confirmed than it says');
  }
  if (return_to !== undefined) returnToShape(return_to, 'return_to');
  if (owed !== undefined) owedShape(owed, 'owed');
  return partsBefore(drafted).every((part) => Object.hasOwn(opened, part)) ? DERIVED : NOT_DERIVED;
}

/** Answers are clear or not by the template that the letter was drafted from; nobody may say otherwise. */
function inspectAnswered(view: View, entry: Entry, { answers }: Opened) {
  const draft = relationshipIn(view, entry.stream)?.drafts[entry.body['letter'] as LetterId];
  if (answers === undefined || draft === undefined) return NOT_DERIVED;
  const given = answersShape(answers, 'answers');
  if (judgeAnswers(questionsOf(view, draft), draft, given) !== entry.body['outcome']) {
    throw invalid('its answers are clear, or stop, where it says otherwise');
  }
  return DERIVED;
}

/** A server that shows another text than it would have to make is found here. */
function inspectMade(view: View, entry: Entry, drafting: Drafting, { text, slots, translation }: Opened) {
  if (slots === undefined || translation === undefined) return NOT_DERIVED;
  const made = makeText(view, entry.time, drafting, slotsShape(slots, 'slots'));
  if (made.text !== text) throw invalid('its text is not the one that its template, grants and slots make');
  if (made.translation !== translation) throw invalid('its translation is of another text');
  return DERIVED;
}

function inspectSigned({ crypto, personOf, keyAt }: Known, view: View, entry: Entry, opened: Opened) {
  const { binding, signature } = opened;
  const relationship = relationshipIn(view, entry.stream);
  if (!isObject(binding) || typeof signature !== 'string' || relationship === undefined) return NOT_DERIVED;
  const stream = parseStream(binding['stream']);
  const owner = personOf.get(entry.stream);
  if (owner !== undefined && owner !== stream) throw invalid('signed with the key of someone else');
  const bound = personIn(view, stream)?.keys.find((each) => each.seq === binding['seq']);
  if (bound === undefined) throw invalid('signed with a key that was not bound');
  if (!same(evidenceOf(bound, relationship.grantee), entry.body['evidence'] ?? null)) {
    throw invalid('the grade of its evidence is derived otherwise');
  }
  const key = keyAt.get(`${stream}/${bound.seq}`)?.key;
  if (!isBySession(entry)) requireMaySign(bound, entry.type, epochIn(view));
  if (isBySession(entry)) {
    const checked = inspectSession(crypto, entry, opened, key);
    return { derived: checked.derived && owner !== undefined, pending: checked.pending };
  }
  if (key === undefined) return NOT_DERIVED;
  const statements = signedStatements(entry, relationship, opened, namesBefore(logIn(view), entry.log));
  const pending = [verifyOneOf(crypto, statements, { key, signature })];
  return { derived: owner !== undefined, pending };
}

/** A statement that was asked for by session: nothing is signed yet, and its evidence is of no grade. */
function inspectAsked({ crypto, personOf, keyAt }: Known, view: View, entry: Entry, opened: Opened) {
  const { binding } = opened;
  if (!isObject(binding)) return NOT_DERIVED;
  const stream = parseStream(binding['stream']);
  const owner = personOf.get(entry.stream);
  if (owner !== undefined && owner !== stream) throw invalid('asked for with the key of someone else');
  const bound = personIn(view, stream)?.keys.find((each) => each.seq === binding['seq']);
  if (bound === undefined) throw invalid('asked for with a key that was not bound');
  const checked = inspectSession(crypto, entry, opened, keyAt.get(`${stream}/${bound.seq}`)?.key);
  return { derived: checked.derived && owner !== undefined, pending: checked.pending };
}

/** What stands behind an act by session: the statement that opened it. */
function inspectSession(crypto: SubjectCrypto, entry: Entry, opened: Opened, key: SubjectKey | undefined) {
  const { session, signature } = opened;
  if (!isObject(session) || typeof signature !== 'string') return NOT_DERIVED;
  requireSession(entry, session);
  if (key === undefined) return NOT_DERIVED;
  return { derived: true, pending: [verifySession(crypto, { session, key, signature })] };
}

/** That the subject signed in ink, its two operators attest by their request; the scan is known by what keys its digest. */
function inspectPaper({ scan_salt: salt }: Opened) {
  if (typeof salt !== 'string') return NOT_DERIVED;
  parseHashText(salt);
  return DERIVED;
}

const DERIVED = { derived: true, pending: [] as readonly Pending[] };
const NOT_DERIVED = { derived: false, pending: [] as readonly Pending[] };

/** The person's own entry of a freeze, which the ones in the relationships go with. */
function inspectPersonHold({ crypto, keyAt }: Known, view: View, entry: Entry, opened: Opened) {
  const { binding, signature, statement } = opened;
  const bySession = isBySession(entry);
  if (!isObject(binding) || typeof signature !== 'string') return NOT_DERIVED;
  if (!bySession && !isObject(statement)) return NOT_DERIVED;
  if (binding['stream'] !== entry.stream) throw invalid('signed with the key of someone else');
  const bound = personIn(view, entry.stream)?.keys.find((each) => each.seq === binding['seq']);
  if (bound === undefined) throw invalid('signed with a key that was not bound');
  if (evidenceOf(bound, bySession ? null : granteeOf(statement)).grade !== entry.body['grade']) {
    throw invalid('the grade of its evidence is derived otherwise');
  }
  requireMaySign(bound, entry.type, epochIn(view));
  const key = keyAt.get(`${entry.stream}/${String(binding['seq'])}`)?.key;
  if (bySession || !isObject(statement)) return inspectSession(crypto, entry, opened, key);
  const { log, type, body } = entry;
  requireSays(statement, { log, kind: HOLD_KIND_OF[type] ?? null, signed_at: body['signed_at'] ?? null });
  if (key === undefined) return NOT_DERIVED;
  return { derived: true, pending: [verifyStatement(crypto, { statement, key, signature })] };
}

/** Whose relationship a freeze was signed in. */
function granteeOf(statement: Json | undefined): PartyId | null {
  const parties = isObject(statement) ? statement['parties'] : undefined;
  return Array.isArray(parties) ? (parties[0] as PartyId) : null;
}

/** A denial for want of a person that is there would have been a decision withheld. */
function inspectSubject({ identityOf }: Known, { stream, body }: Entry) {
  if (body['subject'] === undefined) return DERIVED;
  if (identityOf.has(stream)) throw invalid('denied as of an unknown person, whose identity is there');
  return NOT_DERIVED;
}

/** A refusal for the caller's own handle would have been a decision withheld. */
function inspectRefused(view: View, entry: Entry, opened: Opened) {
  const claimed = opened['claimed'];
  if (!isObject(claimed) || typeof claimed['handle'] !== 'string') return NOT_DERIVED;
  const handle = claimed['handle'] as Handle;
  const principal = idOf<PartyId>(entry.stream);
  const ground = (isObject(claimed['ground']) ? claimed['ground'] : {}) as unknown as Ground;
  // Before engine 2 a successor had no place in another's relationship.
  const isOwn =
    entry.body['engine'] === 1
      ? relationshipIn(view, relationshipStream(handle))?.grantee === principal
      : isOwnAsking(view, { handle, principal, ground });
  if (isOwn) throw invalid('refused on the caller’s own relationship');
  return DERIVED;
}

function same(a: Json, b: Json): boolean {
  return canonicalText(a) === canonicalText(b);
}

function invalid(message: string): Failure {
  return new Failure('entry_invalid', message);
}
