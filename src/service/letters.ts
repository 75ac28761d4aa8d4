/** Letters of authorization: drafted by a grantee, signed by a key of the subject, and read. */
import { parseBase64Url, toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { ENGINE_WITH_LAW } from '#core/consent/checks/judge.ts';
import { epochIn, isSignable } from '#core/consent/epoch.ts';
import type { ClauseDraft } from '#core/consent/item-classes.ts';
import { draftOf, type LetterDrafted } from '#core/consent/letter.ts';
import type { LetterSigned } from '#core/consent/letter-sign.ts';
import { logIn } from '#core/consent/log.ts';
import { type Draft, type Relationship, relationshipIn } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { commandOf } from '#core/consent/rules.ts';
import { letterStatement } from '#core/consent/statement.ts';
import { partiesOf, type Terms } from '#core/consent/terms.ts';
import { Failure } from '#core/failure.ts';
import { SALT_BYTES } from '#core/hash.ts';
import type { GrantId, Handle, LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { digestText } from '#core/tlog/payload.ts';
import { idOf, LOG_STREAM, partyStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import { type OpenedPart, openKeys, openParts, partName, sealPayload } from '#ledger/vault.ts';
import type { Sequenced, Write } from '#ledger/write.ts';
import { loadEntriesAt } from '#store/entries.ts';
import { loadId } from '#store/ids.ts';
import { loadParts } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { type CallNames, claimRef, nameCall, nameStatement, submit } from './call.ts';
import { type Caller, type Request, requirePartyCaller } from './caller.ts';
import { letterCapability } from './capabilities.ts';
import { type Context, newId } from './context.ts';
import { expandClauses } from './item-classes.ts';
import { type Answers, answersOf, type ClauseAnswer, type SignedLetter, signedLetter } from './letter-answers.ts';
import { beforeParts, confirmedBy, type ShownBefore, sayBefore } from './letter-before.ts';
import { type Wording, wordLetter } from './letter-text.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { unknownRelationship } from './scope.ts';
import { type Signed, takeStatement } from './statements.ts';
import { viewOf } from './view.ts';

export interface DraftLetter extends Wording, ShownBefore {
  readonly principal: PartyId;
  readonly handle: Handle;
  readonly expires_at: Instant;
  readonly grants: readonly ClauseDraft[];
}

export interface DraftedLetter {
  readonly letter: LetterId;
  readonly handle: Handle;
  readonly grants: readonly Terms[];
  readonly template: Draft['template'];
  /** The exact text that the subject is shown, and what it says in English, which nobody signs; null once erased. */
  readonly text: string | null;
  readonly translation: string | null;
  /** What the subject's device completes with ticks and `signed_at`, and signs. */
  readonly statement: JsonObject;
  /** Where its subject reads, answers and signs it. */
  readonly sign_path: string;
  readonly entry: Placed;
}

/**
 * Drafts a letter. Nothing is granted by it.
 *
 * @throws {Failure} `relationship_unknown`, also for another's handle; `input_invalid`; `party_unknown`; `letter_expired`;
 *   `template_required`, `pack_unknown`, `pack_not_in_force`, `template_unknown`, `template_mismatch`, `slot_invalid`,
 *   `template_invalid`, `letter_faulty`, `item_class_unknown`; `engine_old`
 */
export async function draftLetter(context: Context, caller: Caller, input: DraftLetter): Promise<DraftedLetter> {
  const names = nameCall(context, requirePartyCaller(caller, input.principal), 'sealed');
  const entries = await submit(context, () => prepareDraft(context, names, input));
  const made = entryOf(entries, 'letter.drafted');
  const { letter, grants, draft } = readDraft(made.entry);
  const { template } = draft;
  // Of a repeated request the text was made before, maybe by another law: it is the one that is kept.
  const words = input.template === null ? { text: input.text, translation: null } : await readWords(context, made);
  const statement = openStatement(context.ledger.origin, letter, input.principal, draft);
  const sign_path = signPath(context, letter);
  return { letter, handle: input.handle, grants, template, ...words, statement, sign_path, entry: placed(made) };
}

async function prepareDraft(context: Context, names: CallNames, input: DraftLetter): Promise<Write> {
  const { vault, ledger, random } = context;
  const { principal, handle, expires_at } = input;
  const stream = relationshipStream(handle);
  const letter = newId<LetterId>(context);
  const expanded = await expandClauses(context, input.grants);
  const grants = expanded.clauses.map((terms): Terms => ({ ...terms, grant: newId<GrantId>(context) }));
  const salt = random(SALT_BYTES);
  const nonce = toBase64Url(random(SALT_BYTES));
  const parties = [principal, ...grants.flatMap(partiesOf), ...confirmedBy(input)].map(partyStream);
  const worded = await wordLetter(context, { ...input, grants }, parties);
  const { text } = worded;
  const keys = await ledger.store.readOnce((tx) => openKeys(vault, tx, stream));
  const payload = await sealPayload(vault, keys, 'letter.drafted', {
    text,
    text_salt: toBase64Url(salt),
    ...worded.parts,
    ...beforeParts(input),
    ...names.part,
  });
  return {
    claims: [names.claim],
    touches: [stream, LOG_STREAM, ...parties],
    plan: (view, now) => {
      expanded.confirm(view, now);
      const { by, ...said } = worded.say(view, now);
      return [
        {
          command: {
            type: 'letter.drafted',
            stream,
            input: {
              letter,
              principal,
              text: digestText(salt, text),
              ...said,
              ...sayBefore(input, by),
              nonce,
              expires_at,
              grants,
              ...names.call(0),
            },
          },
          payload,
          mints: [letter, ...grants.map((terms) => terms.grant)],
        },
      ];
    },
  };
}

export interface SignLetter extends Signed {
  readonly letter: LetterId;
  readonly grants: readonly ClauseAnswer[];
}

/**
 * Takes the subject's signature under a letter: every clause ticked or not, each becoming a grant of its own.
 *
 * @throws {Failure} `letter_unknown`, `already_signed`, `letter_expired`, `signed_ahead`, `signed_before`,
 *   `teach_back_missing`, `letter_held`, `subject_key_unknown`, `signature_invalid`
 */
export async function signLetter(context: Context, request: Request, input: SignLetter): Promise<SignedLetter> {
  const { stream, relationship, entry } = await context.ledger.store.read((tx) => loadLetter(tx, input.letter));
  const { draft, grantee } = readDraft(entry);
  const answers = answersOf(draft, input.grants);
  const { given, declined } = answers;
  const statement = letterStatement({
    log: context.ledger.origin,
    ref: input.letter,
    grantee,
    draft,
    given,
    declined,
    signedAt: input.signed_at,
  });
  refuseDeclined(relationship, input.letter);
  const names = nameStatement(context, request, stream);
  const entries = await submit(context, async () => {
    const taken = await takeStatement(context, 'letter.signed', { stream, relationship, statement, signed: input });
    return {
      claims: [
        names.claim,
        // The signature is over the declined items, too.
        claimRef(context, input.letter, [given, input.signed_at, input.key, input.signature]),
      ],
      touches: [stream, taken.owner, LOG_STREAM],
      plan(view, now) {
        requireOpenDraft(view, stream, input.letter, draft, now);
        return [
          {
            command: {
              type: 'letter.signed',
              stream,
              input: {
                letter: input.letter,
                given,
                ...declinedIn(view, declined),
                signed_at: input.signed_at as Instant,
                evidence: taken.evidence(view),
                ...names.call(0),
              },
            },
            payload: taken.payload,
          },
        ];
      },
    };
  });
  return signedLetter(input.letter, draft, answers, entryOf(entries, 'letter.signed'));
}

/** Items are declined from engine 2 on; before it a clause is given as a whole, or not. @throws {Failure} `engine_old` */
function declinedIn(
  view: View,
  declined: Answers['declined'],
): { readonly declined_items?: NonNullable<LetterSigned['declined_items']> } {
  if ((logIn(view)?.engine ?? 0) >= ENGINE_WITH_LAW) return { declined_items: declined };
  if (declined.every((items) => items.length === 0)) return {};
  throw new Failure('engine_old', 'single items can be declined from engine 2 on');
}

/** The page of a letter: whoever has the path opens it. */
export function signPath(context: Pick<Context, 'keys'>, letter: LetterId): string {
  return `/sign/${letterCapability(context, letter)}`;
}

/** A draft that expired may have left the state already: its signer hears that it expired, not that it is unknown. */
export function requireOpenDraft(view: View, stream: StreamId, letter: LetterId, draft: Draft, now: Instant): void {
  const { signed = [], declined = [] } = relationshipIn(view, stream) ?? {};
  if (!signed.includes(letter) && !declined.includes(letter) && !isSignable(draft, now, epochIn(view))) {
    throw new Failure('letter_expired', 'the letter was to be signed before');
  }
}

/** Its ref is used up by the refusal: who signs it later hears that, and not that it was signed. */
function refuseDeclined({ declined = [] }: Relationship, letter: LetterId): void {
  if (declined.includes(letter)) throw new Failure('letter_declined', 'the subject declined this letter');
}

/** The relationship of a letter. @throws {Failure} `letter_unknown` */
export async function handleOfLetter({ ledger }: Context, letter: LetterId): Promise<Handle> {
  return idOf<Handle>((await ledger.store.read((tx) => loadLetter(tx, letter))).stream);
}

export interface LoadedLetter {
  readonly index: number;
  readonly stream: StreamId;
  readonly relationship: Relationship;
  /** The draft's entry: what was to be signed, word for word, also after it was. */
  readonly entry: Entry;
}

export async function loadLetter(tx: Tx, letter: LetterId): Promise<LoadedLetter> {
  const found = await loadId(tx, letter);
  const [row] = found === undefined ? [] : await loadEntriesAt(tx, [found.index]);
  const entry = row && parseEntry(row.bytes);
  if (found === undefined || entry?.type !== 'letter.drafted' || entry.body['letter'] !== letter) {
    throw unknownLetter();
  }
  const relationship = relationshipIn(viewOf(await loadStreams(tx, [found.stream])), found.stream);
  if (relationship === undefined) throw unknownRelationship();
  return { index: found.index, stream: found.stream, relationship, entry };
}

export function readDraft(entry: Entry): {
  readonly letter: LetterId;
  /** Who asked for it: the grantee, or who succeeded it. */
  readonly grantee: PartyId;
  readonly grants: readonly Terms[];
  readonly draft: Draft;
} {
  const input = commandOf(entry).input as LetterDrafted;
  return { letter: input.letter, grantee: input.principal, grants: input.grants, draft: draftOf(input, entry.time) };
}

/** The statement before the subject has decided: no tick is set, and there is no time yet. */
export function openStatement(log: string, ref: LetterId, grantee: PartyId, draft: Draft): JsonObject {
  const statement = letterStatement({ log, ref, grantee, draft, given: draft.grants.map(() => false), signedAt: 0 });
  return { ...statement, signed_at: null, grants: draft.grants.map((terms) => ({ ...terms, given: null })) };
}

export interface Words {
  readonly text: string | null;
  readonly translation: string | null;
}

/** @throws {Failure} `commitment_invalid`, if the text that is kept is not this letter's. */
function readWords({ ledger, vault }: Context, { index, entry }: Sequenced): Promise<Words> {
  return ledger.store.read(async (tx) =>
    wordsOf(readDraft(entry).draft, index, await openParts(vault, await loadParts(tx, index, index + 1))),
  );
}

/** What is not erased. Parts may have been moved about in the database, so the text must be the one of the draft. */
export function wordsOf(draft: Draft, index: number, parts: ReadonlyMap<string, OpenedPart>): Words {
  const [text, salt, translation] = ['text', 'text_salt', 'translation'].map((name) =>
    partText(parts.get(partName(index, name))),
  );
  if (text == null || salt == null) return { text: null, translation: null };
  if (digestText(parseBase64Url(salt), text) === draft.text) return { text, translation: translation ?? null };
  throw new Failure('commitment_invalid', 'the text that is kept is not that of this letter');
}

export function partText(part: OpenedPart | undefined): string | null {
  return typeof part?.value === 'string' ? part.value : null;
}

export function unknownLetter(): Failure {
  return new Failure('letter_unknown', 'no such letter');
}
