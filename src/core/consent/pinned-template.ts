/**
 * The template that a letter was drafted from: in the version of its pack that its draft pins, whatever is in force by now.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { parseTemplate, type Template, VERSION_MAX } from '../letter-template/template.ts';
import type { Pack } from '../pack/pack.ts';
import { packId } from '../pack/word.ts';
import { code, integer, isObject, record, type ShapeOf } from '../shape.ts';
import { logIn } from './log.ts';
import { requirePack } from './pack-life.ts';
import type { View } from './rule.ts';

/** A template, and the version of its pack that was in force: what an entry and a statement pin. */
export const templateRef = record({
  pack: packId,
  pack_version: integer(1, VERSION_MAX),
  id: code,
  version: integer(1, VERSION_MAX),
});
export type TemplateRef = ShapeOf<typeof templateRef>;

/**
 * The template that a letter was drafted from, whatever is in force by now.
 *
 * @throws {Failure} `pack_unknown`, `template_unknown`
 */
export function pinnedTemplate(view: View, { pack, pack_version, id, version }: TemplateRef): Template {
  const { packs = {} } = logIn(view) ?? {};
  const published = Object.hasOwn(packs, pack) ? packs[pack]?.find((each) => each.version === pack_version) : undefined;
  if (published === undefined) throw new Failure('pack_unknown', 'no such version of the pack was published');
  const found = requirePack(view, published.digest).templates.find(
    (each) => each.id === id && each.version === version,
  );
  if (found === undefined) throw new Failure('template_unknown', 'no such template in this version of the pack');
  return readOnce(found);
}

/** The questions that a draft asks: its template's. */
export function questionsOf(
  view: View,
  { template }: { readonly template: string | TemplateRef | null },
): Template['teach_back'] {
  return isObject(template) ? pinnedTemplate(view, template).teach_back : [];
}

/** A template is parsed once; that it can be was checked when its pack was published. */
export function readOnce(json: Pack['templates'][number]): Template {
  const known = parsed.get(json) ?? parseTemplate(json);
  parsed.set(json, known);
  return known;
}

const parsed = new WeakMap<Pack['templates'][number], Template>();
