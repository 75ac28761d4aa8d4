/**
 * The type of a language's words out of another's: the same keys, any text.
 *
 * A sentence with a value in it is a function of the value.
 */
export type Spoken<T> = T extends string
  ? string
  : T extends (...values: never[]) => unknown
    ? T
    : { readonly [Key in keyof T]: Spoken<T[Key]> };
