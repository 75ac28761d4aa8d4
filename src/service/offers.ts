/** What a letter can be drafted from: the templates of the packs in force, in words, with the parties that they name. */
import { logIn } from '#core/consent/log.ts';
import { versionsOn } from '#core/consent/pack-life.ts';
import type { Action, SubjectKind } from '#core/consent/terms.ts';
import type { PartyId } from '#core/ids.ts';
import { type Clause, parseTemplate, type Template } from '#core/letter-template/template.ts';
import type { Words } from '#core/letter-template/words.ts';
import type { Pack } from '#core/pack/pack.ts';
import { dayAt } from '#core/pack/reckon.ts';
import type { PackId } from '#core/pack/word.ts';
import { idOf, LOG_STREAM } from '#core/tlog/stream.ts';
import { readClock } from '#store/head.ts';
import { loadPartiesNamed, loadStreams } from '#store/streams.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { viewOf } from './view.ts';

/** A code of a pack, and what it is called. */
export interface Named {
  readonly id: string;
  readonly name: Words;
}

/** A party that a clause names. */
export interface NamedParty extends Named {
  /** Who is registered by just that name; null: nobody, or more than one. */
  readonly party: PartyId | null;
}

export interface OfferedClause {
  readonly id: string;
  readonly action: Action;
  readonly purposes: readonly Named[];
  readonly items: readonly Named[];
  readonly sources: readonly NamedParty[];
  readonly recipients: readonly NamedParty[];
  readonly candidates: readonly NamedParty[];
  readonly basis: Clause['basis'];
  readonly necessity: Clause['necessity'];
  readonly why: Words | null;
}

export interface OfferedTemplate {
  readonly pack: PackId;
  readonly id: string;
  readonly version: number;
  readonly title: Words;
  readonly subject: SubjectKind;
  readonly clauses: readonly OfferedClause[];
}

/** @throws {Failure} `principal_mismatch`, for a caller that is no party. */
export async function listOffers(
  { ledger }: Context,
  caller: Caller,
): Promise<{ readonly templates: readonly OfferedTemplate[] }> {
  requirePartyCaller(caller);
  return ledger.store.read(async (tx) => {
    const log = logIn(viewOf(await loadStreams(tx, [LOG_STREAM])));
    await ledger.packs.load(tx, log);
    const now = await readClock(tx);
    const versions = log === undefined ? [] : versionsOn(log, dayAt(now), now);
    const packs = versions.flatMap(({ digest }) => ledger.packs.get(digest) ?? []);
    const offered = packs.flatMap(({ id, templates }) =>
      templates.map((json) => ({ pack: id, ...parseTemplate(json) })),
    );
    const names = namesIn(packs);
    const called = partiesIn(offered).map((id) => nameIn(names.parties, id).zh);
    const registered = (await loadPartiesNamed(tx, called)).map(({ stream, name }) => ({
      name,
      id: idOf<PartyId>(stream),
    }));
    return { templates: offered.map((template) => offerOf(template, names, registered)) };
  });
}

type Names = Readonly<Record<'purposes' | 'items' | 'parties', ReadonlyMap<string, Words>>>;

function namesIn(packs: readonly Pack[]): Names {
  const of = (section: 'purposes' | 'items' | 'parties') =>
    new Map(packs.flatMap((pack) => pack[section].map(({ id, name }) => [id, name] as const)));
  return { purposes: of('purposes'), items: of('items'), parties: of('parties') };
}

function partiesIn(templates: readonly Template[]): readonly string[] {
  const named = templates.flatMap(({ clauses }) =>
    clauses.flatMap(({ sources, recipients, candidates }) => [...sources, ...recipients, ...candidates]),
  );
  return [...new Set(named)];
}

/** What no pack has a name for is called by its code. */
function nameIn(names: ReadonlyMap<string, Words>, id: string): Words {
  return names.get(id) ?? { zh: id, en: id };
}

function offerOf(
  { pack, id, version, title, subject, clauses }: Template & { readonly pack: PackId },
  names: Names,
  registered: readonly { readonly name: string; readonly id: PartyId }[],
): OfferedTemplate {
  const named = (of: keyof Names) => (code: string) => ({ id: code, name: nameIn(names[of], code) });
  const party = (code: string) => {
    const name = nameIn(names.parties, code);
    const [only, second] = registered.filter((each) => each.name === name.zh);
    return { id: code, name, party: only === undefined || second !== undefined ? null : only.id };
  };
  const offered = clauses.map(({ id, action, basis, necessity, why, ...clause }) => ({
    id,
    action,
    purposes: clause.purposes.map(named('purposes')),
    items: clause.items.map(named('items')),
    sources: clause.sources.map(party),
    recipients: clause.recipients.map(party),
    candidates: clause.candidates.map(party),
    basis,
    necessity,
    why,
  }));
  return { pack, id, version, title, subject, clauses: offered };
}
