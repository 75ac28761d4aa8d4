/** A pack on paper that has no rule: what the paper letter names, and what stands on law instead of a letter. */
import type { LogState } from '#core/consent/log.ts';
import type { View } from '#core/consent/rule.ts';
import type { Pack } from '#core/pack/pack.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { paperPack } from '../pack/paper-pack.ts';
import { changed, published } from './paper-ledger.ts';

const EMPTY = paperPack({ rules: [], retention: [], profiles: [], templates: [] });
const [ITEM] = EMPTY.items as [Pack['items'][number]];
const [PURPOSE] = EMPTY.purposes as [Pack['purposes'][number]];
const called = (id: string) => ({ zh: `示例${id}`, en: id });
const item = (id: string, ...kinds: Pack['items'][number]['kinds']) => ({ ...ITEM, id, name: called(id), kinds });
const purpose = (id: string, kind: Pack['purposes'][number]['kind']) => ({
  ...PURPOSE,
  id,
  name: called(id),
  kind,
});

export const CATALOGUE: Pack = {
  ...EMPTY,
  items: [
    item('basic', 'basic'),
    item('credit_info', 'credit'),
    item('credit_report', 'credit'),
    item('court_ruling', 'public'),
  ],
  purposes: [
    purpose('loan_apply', 'application'),
    purpose('post_loan', 'post_loan'),
    purpose('court_order', 'judicial'),
    purpose('own_report', 'self'),
  ],
};

/** A view in which a pack is in force, as if it had been published. */
export function inForce(view: View, pack: Pack): View {
  const { input } = published(pack) as Extract<ReturnType<typeof published>, { readonly type: 'pack.published' }>;
  const { version, digest, from, to } = input;
  const log = view.state(LOG_STREAM) as LogState;
  const packs = { [pack.id]: [{ version, digest, from, to, withdrawn_at: null }] };
  return changed(view, { [LOG_STREAM]: { ...log, packs } });
}
