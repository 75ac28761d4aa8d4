/** The text of a letter that is drafted: the grantee's own, or made from a template of the law in force. */
import type { Json, JsonObject } from '#core/canonical.ts';
import type { DraftedBy } from '#core/consent/before-signing.ts';
import type { LetterDrafted } from '#core/consent/letter.ts';
import {
  ENGINE_WITH_TEMPLATES,
  type LetterSlots,
  type MadeText,
  makeText,
  type TemplateName,
} from '#core/consent/letter-text.ts';
import { logIn } from '#core/consent/log.ts';
import type { View } from '#core/consent/rule.ts';
import type { Terms } from '#core/consent/terms.ts';
import { Failure, isFailure } from '#core/failure.ts';
import type { PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { type Finding, lintLetter } from '#core/letter-template/lint.ts';
import { LOG_STREAM, type StreamId } from '#core/tlog/stream.ts';
import { readClock } from '#store/head.ts';
import { loadStreams } from '#store/streams.ts';
import { engineIn } from './accesses.ts';
import type { Context } from './context.ts';
import { viewOf } from './view.ts';

/** How a letter's words are said: a template with its slots, or, while none is in force, a text of one's own. */
export interface Wording {
  readonly text: string | null;
  readonly template: TemplateName | null;
  readonly slots?: LetterSlots | undefined;
  readonly warnings: readonly string[];
}

export interface WordedLetter extends Wording {
  readonly principal: PartyId;
  readonly grants: readonly Terms[];
}

/** The words of a letter before the lock. */
export interface Worded {
  /** The exact text shown. */
  readonly text: string;
  /** The parts of the payload that come with it. */
  readonly parts: JsonObject;
  /**
   * What the entry says of the words, under the lock.
   *
   * @throws {Failure} why there are none; `superseded`, if the law would make another text by now.
   */
  say(view: View, now: Instant): Pick<LetterDrafted, 'template' | 'warnings'> & { readonly by: DraftedBy };
}

/**
 * Words a letter. What can't be worded is told by {@link Worded.say} only: a repeated request is answered before it.
 *
 * @param touches The streams that the letter depends on.
 */
export async function wordLetter(
  { ledger }: Context,
  letter: WordedLetter,
  touches: readonly StreamId[],
): Promise<Worded> {
  if (letter.template === null) return ownWords(letter);
  try {
    const drafting = { ...letter, template: letter.template };
    const slots = requireSlots(letter);
    const made = await ledger.store.read(async (tx) => {
      const view = viewOf(await loadStreams(tx, [...touches, LOG_STREAM]), ledger.packs.get);
      await ledger.packs.load(tx, logIn(view));
      return makeText(view, await readClock(tx), drafting, slots);
    });
    refuseFaults(made, slots);
    return {
      text: made.text,
      parts: { slots: slots as unknown as Json, translation: made.translation },
      say(view, now) {
        const again = makeText(view, now, drafting, slots);
        if (again.text !== made.text || again.translation !== made.translation) {
          throw new Failure('superseded', 'the law that makes the text has changed');
        }
        const by = { engine: engineIn(view), asks: again.template.teach_back.length > 0 };
        return { template: again.ref, warnings: again.warnings, by };
      },
    };
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return unworded(failure);
  }
}

function unworded(failure: Failure): Worded {
  return {
    text: '',
    parts: {},
    say() {
      throw failure;
    },
  };
}

/** The grantee's own text. Whether it may have one, the rule says under the lock. */
function ownWords({ text, slots, warnings }: WordedLetter): Worded {
  if (text === null) return unworded(new Failure('input_invalid', 'template: want one with its slots, or else a text'));
  if (slots !== undefined) return unworded(new Failure('input_invalid', 'slots: want none without a template'));
  return {
    text,
    parts: {},
    say(view) {
      const engine = engineIn(view);
      return { template: null, warnings, by: engine < ENGINE_WITH_TEMPLATES ? {} : { engine, asks: false } };
    },
  };
}

/** @throws {Failure} `input_invalid`, if anything is said twice: by the caller, and by the template. */
function requireSlots({ text, slots, warnings }: WordedLetter): LetterSlots {
  if (text !== null) throw new Failure('input_invalid', 'text: want null: the template makes it');
  if (warnings.length > 0) throw new Failure('input_invalid', 'warnings: want none: the template has them');
  if (slots === undefined) throw new Failure('input_invalid', 'slots: missing: want what the template does not say');
  return slots;
}

/** @throws {Failure} `letter_faulty`, with the rule, its reason, and the sentence, unless that says who someone is. */
function refuseFaults({ text, template }: MadeText, slots: LetterSlots): void {
  const { characters_max } = template.screen;
  if (text.length > characters_max) {
    throw new Failure('letter_faulty', `${text.length} characters, its template says ${characters_max} at most`);
  }
  const error = lintLetter({ text, template: null }).find(({ severity }) => severity === 'error');
  if (error === undefined) return;
  throw new Failure('letter_faulty', `${error.rule}: ${error.why.en} ${sentenceOf(error, slots)}`);
}

function sentenceOf({ sentence }: Finding, { letter_no, subject }: LetterSlots): string {
  const personal = [letter_no, subject.name, subject.id_number, subject.loan_card, subject.signatory];
  const isPersonal = personal.some((each) => each !== null && sentence.includes(each.normalize('NFC')));
  return isPersonal ? '(in a line with the slots)' : sentence;
}
