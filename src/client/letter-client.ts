/**
 * What a client does with letters of authorization: drafts them, reads them, and hands in what their subject answered.
 *
 * @module
 */
import type { LetterId } from '#core/ids.ts';
import {
  type answerLetterSchema,
  type declineLetterSchema,
  type draftLetterSchema,
  letterAnsweredSchema,
  letterDeclinedSchema,
  letterDraftedSchema,
  letterSchema,
  letterSignedSchema,
  type signLetterSchema,
  type signOnPaperSchema,
} from '#wire/letters.ts';
import { offersSchema } from '#wire/offers.ts';
import type { AnswerOf, InputOf } from '#wire/types.ts';
import type { Calls } from './law-client.ts';

export interface LetterClient {
  /** The templates in force, with what may be ticked in each clause, and the parties that they name. */
  listTemplates(): Promise<AnswerOf<typeof offersSchema>>;
  draftLetter(body: InputOf<typeof draftLetterSchema>): Promise<AnswerOf<typeof letterDraftedSchema>>;
  /** With text, translation, and the salt by which `bindsText` tells whether that text is what is signed; to operators masked. */
  readLetter(letter: LetterId): Promise<AnswerOf<typeof letterSchema>>;
  /** What the person answered in your app or at your counter: `asked` of the letter that is read says what there is to ask. */
  answerLetter(
    letter: LetterId,
    body: InputOf<typeof answerLetterSchema>,
  ): Promise<AnswerOf<typeof letterAnsweredSchema>>;
  signLetter(letter: LetterId, body: InputOf<typeof signLetterSchema>): Promise<AnswerOf<typeof letterSignedSchema>>;
  /** Signed in ink: the client signs by two operators, clerk and witness; `bindScan` makes the `scan`. */
  signLetterOnPaper(
    letter: LetterId,
    body: InputOf<typeof signOnPaperSchema>,
  ): Promise<AnswerOf<typeof letterSignedSchema>>;
  declineLetter(
    letter: LetterId,
    body: InputOf<typeof declineLetterSchema>,
  ): Promise<AnswerOf<typeof letterDeclinedSchema>>;
}

export function letterCalls({ read, write }: Calls): LetterClient {
  return {
    listTemplates: () => read('/v1/templates', offersSchema),
    draftLetter: (body) => write('/v1/letters', body, letterDraftedSchema),
    readLetter: (letter) => read(`/v1/letters/${letter}`, letterSchema),
    answerLetter: (letter, body) => write(`/v1/letters/${letter}/answers`, body, letterAnsweredSchema),
    signLetter: (letter, body) => write(`/v1/letters/${letter}/signature`, body, letterSignedSchema),
    signLetterOnPaper: (letter, body) => write(`/v1/letters/${letter}/paper`, body, letterSignedSchema),
    declineLetter: (letter, body) => write(`/v1/letters/${letter}/decline`, body, letterDeclinedSchema),
  };
}
