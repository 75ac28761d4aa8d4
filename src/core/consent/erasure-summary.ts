/** What a receipt's verdict says of an erasure: what went, by which rules, what is still kept, and where that stands. Never whose it was. */
import { toHex } from '../bytes.ts';
import type { Hash } from '../hash.ts';
import type { Instant } from '../instant.ts';
import type { RetentionClass } from '../pack/law.ts';
import type { Entry } from '../tlog/entry.ts';
import { kindOf, type StreamKind } from '../tlog/stream.ts';
import { checkCode } from './check-code.ts';
import { type ErasureClass, erasedBy, KEYS_CLASS, keptNow, type LetGo, payloadClassOf } from './erasure.ts';
import type { Said } from './explain-text.ts';
import { lawAt } from './law.ts';
import type { Names } from './receipt-names.ts';
import type { View } from './rule.ts';

export interface ErasureSummary {
  readonly stream: string;
  /** What the stream is of: `rel` a relationship, `person` a person's keys, `refused` what a party was refused. */
  readonly of: StreamKind;
  readonly index: number;
  /** {@link checkCode} of its entry. */
  readonly check_code: string;
  /** Of the same entry, in hexadecimal. */
  readonly leaf: string;
  readonly time: number;
  /** The seq of the last entry whose payload went. */
  readonly through: number;
  readonly classes: readonly ErasedClass[];
  /** What else is kept behind the entries that it shows, and was not erased. */
  readonly kept: readonly KeptClass[];
}

export interface ErasedClass {
  readonly class: ErasureClass;
  /** Sealed parts of all owners. Attested: the audit of the whole ledger counts again. */
  readonly parts: number;
  /** Until when they had to be kept, exclusive; null: keys are needed until the last relationship ends, and no longer. */
  readonly kept_until: number | null;
  /** The rules that say so, by their ids. */
  readonly by: readonly string[];
}

/** Until when it has to be kept, exclusive; null: no end was known. */
export type KeptClass = Pick<ErasedClass, 'class' | 'kept_until' | 'by'>;

/**
 * @param before All entries of its stream before it.
 * @param view The ledger before it, as far as the receipt shows it.
 */
export function erasureSummary(
  entry: Entry,
  before: readonly Entry[],
  view: View,
  { index, leaf }: { readonly index: number; readonly leaf: Hash },
): ErasureSummary {
  const through = Number(entry.body['through']);
  const classes = classesOf(entry);
  return {
    ...{ stream: entry.stream, of: kindOf(entry.stream), index },
    ...{ check_code: checkCode(leaf), leaf: toHex(leaf), time: entry.time, through, classes },
    kept: keptBeside(entry, before, view),
  };
}

function classesOf({ type, body }: Entry): readonly ErasedClass[] {
  const parts = erasedBy(type, body);
  const due = (body['due'] ?? []) as unknown as readonly LetGo[];
  return [...new Set(parts.map((each) => each.class))].map((of) => {
    const { kept_until = null, by = [] } = due.find((each) => each.class === of) ?? {};
    const own = parts.filter((each) => each.class === of);
    return { class: of, parts: own.reduce((sum, { count }) => sum + count, 0), kept_until, by };
  });
}

/** Of which classes something lies behind its stream that neither it nor an earlier erasure took. */
function keptBeside(entry: Entry, before: readonly Entry[], view: View): readonly KeptClass[] {
  const { stream, time } = entry;
  const erasures = [...before, entry].filter(({ type }) => type === 'payload.erased' || type === 'person.erased');
  const isGone = ({ seq, type }: Entry) =>
    erasures.some(
      (each) =>
        seq <= Number(each.body['through']) &&
        erasedBy(each.type, each.body).some((gone) => gone.class === payloadClassOf(stream, type)),
    );
  const left = before.filter((each) => each.commit !== null && !isGone(each));
  const last = new Map<RetentionClass, Instant>();
  for (const each of left) {
    const of = payloadClassOf(stream, each.type);
    if (of !== KEYS_CLASS) last.set(of, each.time);
  }
  // No packs are pinned where nothing of theirs is said.
  if (last.size === 0) return [];
  const noted = [...last].map(([of, at]) => ({ class: of, at }));
  const retained = keptNow({ view, stream, now: time }, lawAt(view, time), noted);
  return [...last.keys()].sort().map((of): KeptClass => {
    const { kept_until = null, by = [] } = retained.find((each) => each.class === of) ?? {};
    return { class: of, kept_until, by };
  });
}

/** What its rules are called, as the packs that it shows have them: by the articles that they cite, or by what they are of. */
export function lawNames({ time, classes, kept }: ErasureSummary, view: View): Names {
  const ids = [...new Set([...classes, ...kept].flatMap(({ by }) => by))];
  if (ids.length === 0) return {};
  const law = lawAt(view, time as Instant);
  const named = ids.flatMap((id): readonly (readonly [string, Said])[] => {
    const rules = law?.retention.filter((rule) => rule.id === id) ?? [];
    const cited = rules.flatMap((rule) => rule.law);
    const said = cited.flatMap(({ doc, art }) => {
      const title = law?.laws.get(doc)?.title;
      return title === undefined ? [] : [{ zh: `${title.zh} ${art}`, en: `${title.en} ${art}` }];
    });
    if (said.length === 0) return rules.slice(0, 1).map(({ what }) => [id, what]);
    return [[id, { zh: said.map(({ zh }) => zh).join('；'), en: said.map(({ en }) => en).join('; ') }]];
  });
  return Object.fromEntries(named);
}
