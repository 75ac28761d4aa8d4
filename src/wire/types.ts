/** The types of messages, for who sends and reads them without a schema library of its own. */
import type { z } from 'zod';

export type { ZodType as Schema } from 'zod';

/** What is sent. */
export type InputOf<S extends z.ZodType> = z.input<S>;
/** What is read. */
export type AnswerOf<S extends z.ZodType> = z.output<S>;
