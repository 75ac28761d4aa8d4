/**
 * What whoever relies on an identifier should know of it (domain/identifiers.md).
 *
 *     area_unknown   its area is not in the packs in force: a warning only, as their list may be short
 *     legacy_import  it came out of records from before
 *     number_old     it is one of 15 digits, which nothing checks; no new letter is drafted for it
 */
export const IDENTIFIER_FLAGS = ['area_unknown', 'legacy_import', 'number_old'] as const;
export type IdentifierFlag = (typeof IDENTIFIER_FLAGS)[number];
