/**
 * Which clause of the template speaks for which grant.
 *
 * A grant has just what its clause offers, or less of it; so no letter says a template's words about anything wider.
 *
 * @module
 */
import type { Terms } from '../consent/terms.ts';
import { Failure } from '../failure.ts';
import type { PartyId } from '../ids.ts';
import { nameOf, type PartyName } from './names.ts';
import type { Clause, Template } from './template.ts';

export interface Pair {
  readonly terms: Terms;
  readonly clause: Clause;
}

/**
 * Pairs each grant with a clause, both in their order; clauses may be left out.
 *
 * @throws {Failure} `template_mismatch`, if there is no grant, or one that no further clause offers.
 */
export function pairUp(
  template: Template,
  grants: readonly Terms[],
  names: { readonly parties: Readonly<Record<PartyId, Pick<PartyName, 'party' | 'name'>>> },
): readonly Pair[] {
  if (grants.length === 0) throw new Failure('template_mismatch', 'grants: want one or more');
  const left = [...template.clauses];
  return grants.map((terms, at) => {
    const found = left.findIndex((clause) => offers(template, clause, terms, names));
    const clause = left[found];
    if (clause === undefined) {
      throw new Failure(
        'template_mismatch',
        `grants[${at}]: want action, purposes, items, parties, basis and necessity as a clause of ${template.id} offers them, in its order`,
      );
    }
    left.splice(0, found + 1);
    return { terms, clause };
  });
}

function offers(template: Template, clause: Clause, terms: Terms, names: Parameters<typeof pairUp>[2]): boolean {
  const partyOf = (id: PartyId) => nameOf(names.parties, id, 'party').party;
  const { candidates = [] } = terms;
  return (
    clause.action === terms.action &&
    clause.basis === terms.basis &&
    clause.necessity === terms.necessity &&
    isWithin(terms.purposes, clause.purposes) &&
    isWithin(terms.items, clause.items) &&
    isWithin(terms.sources.map(partyOf), clause.sources) &&
    isWithin(terms.recipients.map(partyOf), clause.recipients) &&
    // A clause that leaves open whose it is gives nothing to who drafts, and the other way round.
    candidates.length > 0 === clause.candidates.length > 0 &&
    isWithin(candidates.map(partyOf), clause.candidates) &&
    candidates.every((id) => isNamed(template, nameOf(names.parties, id, 'party')))
  );
}

/** Whether the template calls a candidate by the name that it is registered by. */
function isNamed({ candidates }: Template, { party, name }: Pick<PartyName, 'party' | 'name'>): boolean {
  const said = candidates.find(({ id }) => id === party)?.name ?? null;
  return said === null || said.zh.normalize('NFC') === name.zh.normalize('NFC');
}

function isWithin(some: readonly string[], all: readonly string[]): boolean {
  return some.every((each) => all.includes(each));
}
