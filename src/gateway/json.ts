/** JSON as other systems write it: with any numbers, unlike the ledger's own. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value as every reader has it, or undefined: of two members of one name, the system behind might take the first
 * where we take the last, and answer about somebody else.
 */
export function readOneJson(bytes: Uint8Array): Json | undefined {
  const value = readJson(bytes);
  if (value === undefined) return undefined;
  try {
    const outside = new TextDecoder().decode(bytes).replace(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '');
    return countMembers(value) === outside.split(':').length - 1 ? value : undefined;
  } catch {
    // Nested so deeply that it can't be looked through.
    return undefined;
  }
}

function countMembers(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items = Array.isArray(value) ? value : Object.values(value);
  const own = Array.isArray(value) ? 0 : items.length;
  return items.reduce((count: number, item) => count + countMembers(item), own);
}

/** The value, or undefined where the bytes are none. */
export function readJson(bytes: Uint8Array): Json | undefined {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
