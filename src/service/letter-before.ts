/** What is shown and asked before a letter is signed: as it is drafted, and as it is read. */
import type { Json, JsonObject } from '#core/canonical.ts';
import {
  type AskedStatus,
  askedStatus,
  type BEFORE_PARTS,
  type BeforeSigning,
  type Confirm,
  confirmShape,
  type DraftedBy,
  heldUntil,
  owedShape,
} from '#core/consent/before-signing.ts';
import { questionsOf } from '#core/consent/pinned-template.ts';
import type { Draft } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { Failure } from '#core/failure.ts';
import type { PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Template } from '#core/letter-template/template.ts';

/** What who drafts a letter has shown besides its text. */
export interface ShownBefore {
  /** Facts on record that the person confirms. */
  readonly confirm?: Confirm | undefined;
  /** What it will owe, as it is shown. */
  readonly owed?: string | undefined;
  /** Where it goes with the result. */
  readonly return_to?: string | undefined;
}

/** The parts of the draft's payload that come of it. */
export function beforeParts({ confirm, owed, return_to }: ShownBefore): JsonObject {
  return {
    ...(confirm === undefined ? {} : { confirm: confirm as unknown as Json }),
    ...(owed === undefined ? {} : { owed }),
    ...(return_to === undefined ? {} : { return_to }),
  };
}

/** Whose records are confirmed. */
export function confirmedBy({ confirm = [] }: ShownBefore): readonly PartyId[] {
  return [...new Set(confirm.map(({ by }) => by))];
}

/** What the draft's entry says of it, beside its engine. @throws {Failure} `engine_old` */
export function sayBefore({ confirm, owed, return_to }: ShownBefore, by: DraftedBy): DraftedBy & BeforeSigning {
  const shown = {
    ...(confirm === undefined ? {} : { confirms: confirm.map(({ id, by }) => ({ id, by })) }),
    ...(owed === undefined ? {} : { owes: true as const }),
    ...(return_to === undefined ? {} : { returns: true as const }),
  };
  if (by.engine !== undefined) return { ...shown, engine: by.engine, asks: by.asks || confirm !== undefined };
  if (Object.keys(shown).length === 0) return {};
  throw new Failure('engine_old', 'confirm, owed and return_to are known from engine 2 on');
}

/** What a letter asks before it is signed, and how that stands. */
export interface AskedBefore {
  readonly status: AskedStatus;
  /** Until when it can't be signed; null: it can. */
  readonly held_until: number | null;
  readonly questions: Template['teach_back'];
  /** Null: there is nothing to confirm, or it is erased. */
  readonly confirm: Confirm | null;
  /** What the person will owe, as it is shown; null: it is not said, or erased. */
  readonly owed: string | null;
}

/** A part of the draft's payload; undefined: it has none, or it is erased. */
type PartOf = (name: (typeof BEFORE_PARTS)[number]) => Json | undefined;

/** @param draft as the relationship has it while it waits, else as it was drafted. `waits`: whether it can still be signed. */
export function askedBefore(
  view: View,
  { draft, waits, part }: { readonly draft: Draft; readonly waits: boolean; readonly part: PartOf },
  now: Instant,
): AskedBefore {
  const [confirm, owed] = [part('confirm'), part('owed')];
  return {
    status: waits ? askedStatus(draft, now) : 'none',
    held_until: waits ? heldUntil(draft, now) : null,
    questions: questionsOf(view, draft),
    confirm: confirm === undefined ? null : confirmShape(confirm, 'confirm'),
    owed: owed === undefined ? null : owedShape(owed, 'owed'),
  };
}
