/**
 * A person's own passkey of before the log was continued gives again (ADR 0028): its holder is identified anew, on an identity
 * provider's page or at a counter, and it signs that itself. Like a new one it is bound by both signatures, and by nothing that
 * is kept here meanwhile.
 *
 * @module
 */
import { toBase64Url } from '#core/bytes.ts';
import { epochIn, isSuspended } from '#core/consent/epoch.ts';
import { parseIdentifiedKey } from '#core/consent/identified-key.ts';
import { boundKeyIn, personIn } from '#core/consent/person.ts';
import { subjectKeyBytes } from '#core/consent/subject-key.ts';
import { Failure, readAs } from '#core/failure.ts';
import { SALT_BYTES } from '#core/hash.ts';
import type { Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { LOG_STREAM, personStream } from '#core/tlog/stream.ts';
import { loadCredentialOf } from '#store/credentials.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { loadPersonOf, loadSubjectKey } from '#store/subjects.ts';
import { loadRememberedUntil } from './confirm.ts';
import type { Context } from './context.ts';
import { carryIdentified, handPending, type TakenIdentification, verifyIdentified } from './identification.ts';
import { loadIdentities } from './identity.ts';
import { loadKeyText } from './person/devices.ts';
import { loadRelations, type SignedIn } from './person/relations.ts';
import { unknownRelationship } from './scope.ts';
import { unknownKey } from './statements.ts';
import { viewOf } from './view.ts';

/** What a person is told whose passkey waits. */
export interface KeyLeft {
  /** Up to when the ledger remembers all. */
  readonly remembered_until: Instant | null;
}

/** Whether the key that signed in only takes away, since entries were lost after it was bound; null: it gives, too. */
export function readKeyLeft({ ledger }: Context, { binding }: SignedIn): Promise<KeyLeft | null> {
  return ledger.store.read(async (tx) => {
    const isLeft = await loadIsLeft(tx, binding);
    return isLeft === true ? { remembered_until: await loadRememberedUntil(tx) } : null;
  });
}

/** Up to when the ledger remembers all, if it lost entries; null: it never did. */
export function readLoss({ ledger }: Context): Promise<Instant | null> {
  return ledger.store.read(loadRememberedUntil);
}

/**
 * Begins with the passkey that signed in. Answers what the page carries on.
 *
 * @throws {Failure} `already_there`, if it gives already; `key_ended`; `relationship_unknown`, if nothing is left that says who
 *   the person is; `subject_key_unknown`, if it is no passkey, or is erased
 */
export async function startAffirming(context: Context, person: SignedIn): Promise<string> {
  const { ledger, random } = context;
  const found = await ledger.store.read(async (tx) => {
    requireLeft(await loadIsLeft(tx, person.binding));
    const key = await loadKeyText(context, tx, person, person.binding.seq);
    const credential = await loadCredentialOf(tx, person.person, subjectKeyBytes(key));
    if (credential === undefined) throw unknownKey();
    return { handle: await loadKnownHandle(context, tx, person), key, credential: toBase64Url(credential) };
  });
  return handPending(context, { ...found, salt: toBase64Url(random(SALT_BYTES)) });
}

/**
 * Opens what a party made at its counter of one of the person's keys.
 *
 * @throws {Failure} `challenge_stale`, also of what is no such thing; `signed_ahead`, `party_role`, `identification_other`;
 *   `already_there`, `key_ended`, `relationship_unknown`, `subject_key_unknown`
 */
export async function openIdentifiedKey(context: Context, link: string): Promise<TakenIdentification> {
  const { handle, key, identified_by, identified_at, identity_salt, identification } = readAs(
    'challenge_stale',
    'the link is not whole',
    () => parseIdentifiedKey(link),
  );
  const signed = { party: identified_by, identified_at, identification };
  // First whether it is any party's word: of a person's keys nobody else learns anything.
  const verified = await verifyIdentified(context, { handle, key, salt: identity_salt }, signed);
  const credential = await context.ledger.store.read((tx) => loadLeftCredential(tx, handle, key));
  const state = handPending(context, { handle, key, credential, salt: identity_salt });
  return { handle, credential, ...verified, carried: carryIdentified(context, state, signed) };
}

async function loadLeftCredential(tx: Tx, handle: Handle, key: string): Promise<string> {
  const person = await loadPersonOf(tx, handle);
  if (person === undefined) throw unknownRelationship();
  const publicKey = subjectKeyBytes(key);
  const seq = await loadSubjectKey(tx, person, publicKey);
  const credential = await loadCredentialOf(tx, person, publicKey);
  if (seq === undefined || credential === undefined) throw unknownKey();
  requireLeft(await loadIsLeft(tx, { stream: personStream(person), seq }));
  return toBase64Url(credential);
}

/** Whether a key only takes away; undefined: it ended. */
async function loadIsLeft(tx: Tx, { stream, seq }: SignedIn['binding']): Promise<boolean | undefined> {
  const view = viewOf(await loadStreams(tx, [LOG_STREAM, stream]));
  const key = boundKeyIn(personIn(view, stream), seq);
  return key && isSuspended(key, epochIn(view));
}

function requireLeft(isLeft: boolean | undefined): void {
  if (isLeft === undefined) throw new Failure('key_ended', 'the key ended before');
  if (!isLeft)
    throw new Failure('already_there', 'the key counts: it was bound, or affirmed, since the log was continued');
}

/** The newest relationship that still says who the person is: by it the person is identified. */
async function loadKnownHandle(context: Context, tx: Tx, person: SignedIn): Promise<Handle> {
  const { all } = await loadRelations(context, tx, person);
  const known = await loadIdentities(
    context.vault,
    tx,
    all.map(({ stream }) => stream),
  );
  const found = all.findLast(({ stream }) => known.has(stream));
  if (found === undefined) throw unknownRelationship();
  return found.handle;
}
