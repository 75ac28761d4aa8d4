/**
 * The certificate of an erasure on paper, for the person who asked: what went, by which rules, what has to be kept still, how
 * to verify it, and what it does not prove. It names nobody.
 *
 * @module
 */
import { CLASS_TEXTS, ERASURE_LIMITS } from '#core/consent/verdict-text.ts';
import type { ShownErasure } from '#service/shown-erasure.ts';
import { rulesOf, scopeOf } from '../keep/erasure-words.ts';
import { sayTime, sayUntil } from '../keep/letter-words.ts';
import { sayIn, sayList } from '../say.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import type { PrintFonts } from './faces.ts';
import { type Block, printSheet } from './sheet.ts';

export interface ErasureContent extends ShownErasure {
  /** The absolute address of its page: what the code opens. */
  readonly url: string;
}

type Spoken = Pick<View, 'lang'>;

/** @throws {Failure} `glyph_missing` */
export function erasurePdf(content: ErasureContent, fonts: PrintFonts, view: Spoken): Promise<Uint8Array> {
  const { certificate: words, paper } = wordsOf(view);
  const { erasure, url } = content;
  const title = words.paperTitle(erasure.check_code);
  const blocks: readonly Block[] = [
    { kind: 'title', text: words.title },
    { kind: 'code', text: erasure.check_code },
    line(words.lede),
    ...recorded(content, view),
    { kind: 'heading', text: words.went },
    ...erasure.classes.flatMap((each) => classBlocks(content, each, view)),
    { kind: 'heading', text: words.stays },
    ...(erasure.kept.length === 0
      ? [line(words.nothingStays)]
      : erasure.kept.flatMap((each) => classBlocks(content, each, view))),
    { kind: 'heading', text: words.limits },
    line(sayIn(view, ERASURE_LIMITS)),
    { kind: 'heading', text: words.verify },
    line(words.standing(url)),
    line(words.secret),
    line(words.offline),
  ];
  return printSheet(
    {
      ...{ title, lang: view.lang, blocks, time: erasure.time, foot: title, struck: paper.struck, page: paper.page },
      qr: { url, caption: words.scan },
    },
    fonts,
  );
}

function recorded({ log, erasure, asOf }: ErasureContent, view: Spoken): readonly Block[] {
  const { certificate: words } = wordsOf(view);
  return [
    fact(words.of, scopeOf(view, erasure)),
    fact(words.time, sayIn(view, sayTime(erasure.time))),
    fact(words.log, log),
    fact(words.place, words.placeOf(erasure.index, String(asOf ?? '—'))),
    fact(words.leaf, erasure.leaf),
  ];
}

function classBlocks(
  { names }: ErasureContent,
  each: ErasureContent['erasure']['kept'][number] & { readonly parts?: number },
  view: Spoken,
): readonly Block[] {
  const { certificate: words } = wordsOf(view);
  const name = sayIn(view, CLASS_TEXTS[each.class]);
  const { parts, kept_until } = each;
  const end = kept_until === null ? words.open : sayIn(view, sayUntil(kept_until));
  const rules = rulesOf(names, each.by);
  return [
    { kind: 'bold', text: parts === undefined ? name : words.wentOf(name, parts) },
    ...(kept_until === null && parts !== undefined
      ? []
      : [fact(parts === undefined ? words.keptUntil : words.until, end)]),
    ...(rules.length === 0 ? [] : [fact(words.by, sayList(view, rules))]),
  ];
}

function fact(label: string, value: string): Block {
  return { kind: 'fact', label, value };
}

function line(text: string): Block {
  return { kind: 'line', text };
}
