/**
 * A further key of a person, as of another device: bound by a key that counts, which says so itself. Nobody is identified
 * anew, so the key stands on what that one stands on.
 *
 * @module
 */
import { parseBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { keyAddStatement } from '#core/consent/key-add.ts';
import { verifyBinding, verifyKeyAdd } from '#core/consent/signature.ts';
import { bindingStatement } from '#core/consent/statement.ts';
import { acceptedSubjectKey, parseSubjectKey, subjectKeyBytes } from '#core/consent/subject-key.ts';
import { Failure } from '#core/failure.ts';
import { hashText, sha256 } from '#core/hash.ts';
import type { Handle, PersonId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { idOf, LOG_STREAM, relationshipStream } from '#core/tlog/stream.ts';
import { openKeys, sealPayload } from '#ledger/vault.ts';
import type { Write } from '#ledger/write.ts';
import { loadSubjectKey } from '#store/subjects.ts';
import { type CallNames, claimRef, nameStatement, submit } from './call.ts';
import type { Request } from './caller.ts';
import type { Context } from './context.ts';
import { entryOf, type PlacedApart, placedApart } from './placed.ts';
import type { Signed } from './statements.ts';
import { loadOwner, loadPlace } from './subject-keys.ts';

export interface AddKey extends Signed {
  readonly handle: Handle;
  /** The key that is added; `key` signs, and counts already. */
  readonly adds: string;
  /** Of the key that is added, over its binding. */
  readonly possession: string;
  /** A passkey's id on its device, base64url: by which its person signs in. */
  readonly credential?: string | undefined;
}

export interface AddedKey {
  readonly handle: Handle;
  readonly entry: PlacedApart;
}

/**
 * Binds a key by another one of the same person.
 *
 * @throws {Failure} `relationship_unknown`, `subject_key_unknown`, `key_invalid`, `signature_invalid`, `signature_stale`,
 *   `signed_ahead`; `key_ended`, if the signer does not count; `already_there`, also of one that ended; `limit_reached`
 */
export async function addKey(context: Context, request: Request, input: AddKey): Promise<AddedKey> {
  const { handle } = input;
  const names = nameStatement(context, request, relationshipStream(handle));
  const entries = await submit(context, () => prepareAdding(context, names, input));
  return { handle, entry: placedApart(entryOf(entries, 'person.key_bound')) };
}

/** What the key that is added signs: its binding, which names nobody who identified. */
export function addedBinding(log: string, { handle, adds }: Pick<AddKey, 'handle' | 'adds'>): JsonObject {
  const alone = { identity: null, method: 'existing_key', identifiedBy: null, identifiedAt: null } as const;
  return bindingStatement({ log, handle, key: adds, ...alone });
}

async function prepareAdding(context: Context, names: CallNames, input: AddKey): Promise<Write> {
  const { ledger, vault } = context;
  const { handle, adds, possession, credential, key, signature, signed_at } = input;
  const added = parseSubjectKey(adds);
  const public_key = subjectKeyBytes(adds);
  const { owner, signer, bound, keys } = await ledger.store.read(async (tx) => {
    const stream = await loadOwner(tx, handle);
    return {
      owner: stream,
      signer: await loadPlace(tx, stream, key),
      bound: await loadSubjectKey(tx, idOf<PersonId>(stream), public_key),
      keys: await openKeys(vault, tx, stream),
    };
  });
  const binding = addedBinding(ledger.origin, input);
  const statement = keyAddStatement({ log: ledger.origin, handle, key: adds, signedAt: signed_at });
  await Promise.all([
    verifyBinding(context, { binding, key: added, signature: possession }),
    verifyKeyAdd(context, { statement, key: acceptedSubjectKey(key), signature }),
  ]);
  const payload = await sealPayload(vault, keys, 'person.key_bound', { binding, possession, approval: signature });
  const person = idOf<PersonId>(owner);
  const once = claimRef(context, `${owner}/adds/${hashText(sha256(public_key))}`, [
    signed_at,
    key,
    signature,
    possession,
  ]);
  const alone = { method: 'existing_key', identified_by: null, identified_at: null, enrolled_by: null } as const;
  const by = { signed_by: signer, signed_at: signed_at as Instant };
  const said = { kind: added.kind, ...alone, ...by, ...names.call(0) };
  return {
    claims: [names.claim, { ...once, mismatch: 'already_there' }],
    touches: [owner, LOG_STREAM],
    plan() {
      if (bound !== undefined) throw new Failure('already_there', 'the subject already has this key, or had it');
      return [
        {
          command: { type: 'person.key_bound', stream: owner, input: said },
          payload,
          subjectKeys: [{ person, public_key }],
          ...(credential === undefined
            ? {}
            : { credentials: [{ credential: parseBase64Url(credential), person, public_key }] }),
        },
      ];
    },
  };
}
