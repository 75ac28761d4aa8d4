/**
 * What those are called that a receipt names: by the registrations and the packs that it shows, and so as verified as these
 * are. What it does not show has no name here.
 *
 * @module
 */
import type { PartyId } from '../ids.ts';
import type { Pack } from '../pack/pack.ts';
import type { AccessSummary } from './access-summary.ts';
import type { Said } from './explain-text.ts';
import type { LetterSummary } from './letter-summary.ts';
import { partyIn } from './party.ts';
import type { View } from './rule.ts';

/** Names by the id of a party, or the code of a purpose or an item. */
export type Names = Readonly<Record<string, Said>>;

export function namesOf(
  view: View,
  packs: readonly Pack[],
  about: AccessSummary | LetterSummary,
  identifiedBy: readonly (PartyId | null)[],
): Names {
  const words = new Map<string, Said>(
    packs.flatMap(({ items, purposes }) => [...purposes, ...items].map(({ id, name }) => [id, name] as const)),
  );
  const parties = [...partiesIn(about), ...identifiedBy].flatMap((party) => {
    const name = party === null ? undefined : partyIn(view, party as PartyId)?.name;
    return name === undefined ? [] : [[party as string, { zh: name, en: name }] as const];
  });
  const codes = codesIn(about).flatMap((code) => {
    const name = words.get(code);
    return name === undefined ? [] : [[code, name] as const];
  });
  return Object.fromEntries([...parties, ...codes]);
}

function partiesIn(about: AccessSummary | LetterSummary): readonly (string | null)[] {
  if ('access' in about) return [about.principal, about.door];
  const { grantee, evidence, clauses } = about;
  return [grantee, evidence.identified_by, ...clauses.flatMap(({ doors, candidates }) => [...doors, ...candidates])];
}

function codesIn(about: AccessSummary | LetterSummary): readonly string[] {
  if ('access' in about) return [about.purpose, ...about.items];
  return about.clauses.flatMap(({ purposes, items }) => [...purposes, ...items]);
}
