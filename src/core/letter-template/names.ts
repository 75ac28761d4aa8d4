/**
 * How what a letter speaks of is called: parties, purposes and items by their codes, grantee and subject.
 *
 * Names are put into the text that is signed, so each is one line, in composed form (NFC), and no two things of one kind
 * are called the same: a reader, and a court, can tell from the text which codes were meant.
 *
 * @module
 */
import { isWellFormed } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { PartyId } from '../ids.ts';
import { UNPRINTED_PATTERN } from '../shape.ts';
import type { Language, Words } from './words.ts';

const NAME_MAX = 400;

/** A source or recipient. */
export interface PartyName {
  /** The pack's code for it. */
  readonly party: string;
  /** The full legal name. */
  readonly name: Words;
  readonly uscc: string | null;
  /** How it is reached: wanted where data are provided to it (PIPL 23). */
  readonly contact: Words | null;
}

export interface LetterNames {
  readonly letter_no: string;
  readonly grantee: {
    /** The full legal name. */
    readonly name: Words;
    readonly uscc: string;
    readonly licence: Words;
    readonly contact: Words;
  };
  /** Masked or full, as the caller gives it. A person's or firm's own name is not translated. */
  readonly subject: {
    readonly name: string;
    readonly id_type: Words;
    readonly id_number: string;
    /** 中征码 of a firm; null: none. */
    readonly loan_card: string | null;
    /** Who signs for a firm: its legal representative or attorney. Null for a person. */
    readonly signatory: string | null;
  };
  readonly purposes: Readonly<Record<string, Words>>;
  readonly items: Readonly<Record<string, Words>>;
  /** What the class of an item is called, the class that it is a part of first; an item of no class has none. */
  readonly itemClasses: Readonly<Record<string, readonly Words[]>>;
  readonly parties: Readonly<Record<PartyId, PartyName>>;
}

/**
 * A name as it stands in the text.
 *
 * @throws {Failure} `slot_invalid`, naming `what` and never the name: it may be a person's.
 */
export function sayName(name: string, what: string): string {
  if (name.trim() === '' || name.length > NAME_MAX || !isWellFormed(name) || UNPRINTED_PATTERN.test(name)) {
    throw new Failure('slot_invalid', `${what}: want a name in one line, 1 to ${NAME_MAX} characters`);
  }
  return name.normalize('NFC');
}

/** @throws {Failure} `template_invalid`, if there is no such name. */
export function nameOf<T>(names: Readonly<Record<string, T>>, id: string, what: string): T {
  const name = Object.hasOwn(names, id) ? names[id] : undefined;
  if (name === undefined) throw new Failure('template_invalid', `${what} ${id}: no name is given for it`);
  return name;
}

/**
 * The names of several, in their order.
 *
 * @throws {Failure} `template_invalid`, if one has no name, or two have the same.
 */
export function sayAll(
  names: Readonly<Record<string, Words>>,
  ids: readonly string[],
  what: string,
  language: Language,
): readonly string[] {
  const said = ids.map((id) => sayName(nameOf(names, id, what)[language], `${what} ${id}`));
  requireDistinct(names, what, language);
  return said;
}

/** Over all that are named, since a code that was not used is what the text must not be mistaken for. */
function requireDistinct(names: Readonly<Record<string, Words>>, what: string, language: Language): void {
  const seen = new Map<string, string>();
  for (const [id, name] of Object.entries(names)) {
    const said = sayName(name[language], `${what} ${id}`);
    const other = seen.get(said);
    if (other !== undefined) throw new Failure('template_invalid', `${what} ${id}: it has the name of ${other}`);
    seen.set(said, id);
  }
}
