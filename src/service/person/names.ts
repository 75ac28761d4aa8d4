/**
 * Names in words for what entries and states say in codes: parties as they are registered, all else as packs call it.
 *
 * A code is called as the newest published version calls it, whether that is in force still or not: what was decided by an
 * older one has to be read, too.
 *
 * @module
 */
import type { Said } from '#core/consent/explain-text.ts';
import { type LogState, logIn } from '#core/consent/log.ts';
import { type Party, partyIn } from '#core/consent/party.ts';
import type { TemplateRef } from '#core/consent/pinned-template.ts';
import type { View } from '#core/consent/rule.ts';
import type { PartyId } from '#core/ids.ts';
import { parseTemplate, type Template } from '#core/letter-template/template.ts';
import type { Pack } from '#core/pack/pack.ts';
import { partyStream } from '#core/tlog/stream.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import type { Context } from '../context.ts';
import { viewOf } from '../view.ts';

export type PartyRow = Pack['parties'][number];
type Purpose = Pack['purposes'][number];
type Item = Pack['items'][number];

export interface Names {
  /** As registered; in English as a pack calls it, if one does. */
  party(id: PartyId): Said;
  registered(id: PartyId): Party | undefined;
  /** What the packs know of a party, by its registered name. */
  row(id: PartyId): PartyRow | undefined;
  /** Every party that packs name, by their codes. */
  readonly rows: readonly PartyRow[];
  /** Of one that no pack has, a sentence that says so. */
  purpose(code: string): Said;
  purposeKind(code: string): Purpose['kind'] | null;
  item(code: string): Said;
  /** A reason in the scheme of the source, for a purpose that is mapped on it; null: no pack names it. */
  reason(purpose: string, code: string): Said | null;
  /** A template of the pack version that a letter pinned; undefined: it is not at hand. */
  template(ref: TemplateRef): Template | undefined;
}

/** Reads names of parties, and the packs. `view` has the log. */
export async function loadNames({ ledger }: Context, tx: Tx, view: View, parties: Iterable<PartyId>): Promise<Names> {
  const log = logIn(view);
  await ledger.packs.load(tx, log);
  const known = viewOf(await loadStreams(tx, [...new Set(parties)].map(partyStream)));
  const packs = packsOf(log, ledger.packs.get);
  const purposes = new Map<string, Purpose>();
  for (const purpose of packs.flatMap((pack) => pack.purposes)) {
    const reasons = [...(purposes.get(purpose.id)?.reasons ?? []), ...purpose.reasons];
    purposes.set(purpose.id, { ...purpose, reasons });
  }
  const items = new Map<string, Item>(packs.flatMap((pack) => pack.items.map((item) => [item.id, item])));
  const rows = new Map<string, PartyRow>(packs.flatMap((pack) => pack.parties.map((row) => [row.id, row])));
  const rowNamed = new Map([...rows.values()].map((row) => [row.name.zh.normalize('NFC'), row]));
  const codes = new Map(packs.flatMap((pack) => pack.codes.map((each) => [`${each.scheme} ${each.code}`, each.name])));
  const row = (id: PartyId) => rowNamed.get((partyIn(known, id)?.name ?? '').normalize('NFC'));
  return {
    party(id) {
      const name = partyIn(known, id)?.name ?? id;
      return { zh: name, en: row(id)?.name.en ?? name };
    },
    registered: (id) => partyIn(known, id),
    row,
    rows: [...rows.values()],
    purpose: (code) => purposes.get(code)?.name ?? undescribed(code),
    purposeKind: (code) => purposes.get(code)?.kind ?? null,
    item: (code) => items.get(code)?.name ?? coded(code),
    reason(purpose, code) {
      const mapped = purposes.get(purpose)?.reasons.find((each) => each.code === code);
      return (mapped && codes.get(`${mapped.scheme} ${code}`)) ?? null;
    },
    template: (ref) => templateIn(log, ledger.packs.get, ref),
  };
}

/** Anyone may ask for any purpose; an access for one that no pack has is denied, and shown all the same. */
function undescribed(code: string): Said {
  return { zh: `没有规则包说明的用途（代码 ${code}）`, en: `a purpose that no pack describes (code ${code})` };
}

function coded(code: string): Said {
  return { zh: code, en: code };
}

/** Every version of every pack, the newest of each last. */
function packsOf(log: LogState | undefined, get: (digest: string) => Pack | undefined): readonly Pack[] {
  return Object.values(log?.packs ?? {}).flatMap((versions) => versions.flatMap(({ digest }) => get(digest) ?? []));
}

function templateIn(
  log: LogState | undefined,
  get: (digest: string) => Pack | undefined,
  { pack, pack_version, id, version }: TemplateRef,
): Template | undefined {
  const versions = log?.packs !== undefined && Object.hasOwn(log.packs, pack) ? log.packs[pack] : undefined;
  const pinned = versions?.find((each) => each.version === pack_version);
  const found = pinned && get(pinned.digest)?.templates.find((each) => each.id === id && each.version === version);
  return found && parseTemplate(found);
}
