/** What a subject answered to each clause of a letter, by a key or in ink. */
import type { Draft } from '#core/consent/relationship.ts';
import { Failure } from '#core/failure.ts';
import type { GrantId, Handle, LetterId } from '#core/ids.ts';
import { idOf } from '#core/tlog/stream.ts';
import type { Sequenced } from '#ledger/write.ts';
import { type Placed, placed } from './placed.ts';

/** An answer to one clause. */
export interface ClauseAnswer {
  readonly grant: GrantId;
  readonly given: boolean;
  /** The items that the subject leaves out of a clause that it gives. */
  readonly declined_items?: readonly string[] | undefined;
}

/** The answers in the draft's order: whether each clause is given, and what is left out of it. */
export interface Answers {
  readonly given: readonly boolean[];
  readonly declined: readonly (readonly string[])[];
}

/** @throws {Failure} `input_invalid`, unless every clause is answered, none twice, and no other. */
export function answersOf(draft: Draft, grants: readonly ClauseAnswer[]): Answers {
  const answers = new Map(grants.map((each) => [each.grant, each]));
  const complete = answers.size === grants.length && grants.length === draft.grants.length;
  const inOrder = draft.grants.flatMap(({ grant }) => answers.get(grant) ?? []);
  if (!complete || inOrder.length !== draft.grants.length) {
    throw new Failure('input_invalid', 'grants: want an answer for each grant of the letter, once');
  }
  return {
    given: inOrder.map(({ given }) => given),
    declined: inOrder.map(({ declined_items = [] }) => declined_items),
  };
}

export interface SignedLetter {
  readonly letter: LetterId;
  readonly handle: Handle;
  readonly given: readonly GrantId[];
  readonly declined: readonly GrantId[];
  readonly entry: Placed;
}

/** What became of each clause. One of which every item was left out is not given. */
export function signedLetter(
  letter: LetterId,
  { grants }: Draft,
  { given, declined }: Answers,
  made: Sequenced,
): SignedLetter {
  const standing = grants.map(({ items }, at) => given[at] === true && items.length > (declined[at] ?? []).length);
  const idsOf = (isGiven: boolean) => grants.filter((_terms, at) => standing[at] === isGiven).map(({ grant }) => grant);
  return {
    letter,
    handle: idOf<Handle>(made.entry.stream),
    given: idsOf(true),
    declined: idsOf(false),
    entry: placed(made),
  };
}
